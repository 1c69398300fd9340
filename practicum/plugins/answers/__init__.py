"""What a model answered, as files: in every form that models use, and nothing outside the plugin's folder."""

from practicum.plugins.answers.parse import parse
from practicum.plugins.answers.parsed import Parsed

__all__ = ["Parsed", "parse"]
