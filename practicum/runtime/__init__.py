"""Composition: what starts, watches and ends a run."""
