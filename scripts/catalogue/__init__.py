"""The pages of docs/reference that are written from the program: one module a page."""
