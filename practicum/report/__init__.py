"""Verdict and trajectory as pages and files."""

from practicum.report.page import write_report

__all__ = ["write_report"]
