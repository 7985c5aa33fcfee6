"""The commands. A module is loaded when one of its commands is called (``cli.overview``)."""
