"""Properties: random histories that tell the product and the plain model apart."""
