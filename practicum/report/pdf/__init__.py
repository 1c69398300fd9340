"""An overview as PDF, with its plots. Needs the extra `pdf` (fpdf2); see ADR 0010."""

from practicum.report.pdf.document import pdf

__all__ = ["pdf"]
