"""Tests of what goes to banks and comes back."""
