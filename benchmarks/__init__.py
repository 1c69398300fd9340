"""Measurements beside their peers, in the same minutes on the same machine: only ratios of one run mean anything."""
