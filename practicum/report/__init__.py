"""Verdict and trajectory as pages and files."""

from practicum.report.annotations import annotations
from practicum.report.junit import junit, write_junit
from practicum.report.page import write_report

__all__ = ["annotations", "junit", "write_junit", "write_report"]
