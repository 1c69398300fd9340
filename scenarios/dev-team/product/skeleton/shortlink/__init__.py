"""Shortlink: short links for long addresses."""

__version__ = "1.0.0"
