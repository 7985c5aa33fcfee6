"""The examples that the project carries end in the figures that stand beside them."""
