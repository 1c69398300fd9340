"""Verdict and trajectory as pages and files."""
