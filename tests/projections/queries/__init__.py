"""Questions to the read models, on the worked example."""
