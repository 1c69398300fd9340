"""The recorded events of a run: written once by the observer, read by everything else."""
