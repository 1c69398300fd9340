"""From a description in words to a specification: by a model, or by keywords where there is none."""

from practicum.plugins.describing.keywords import specification_by_keywords
from practicum.plugins.describing.model import describe, specification_by_model

__all__ = ["describe", "specification_by_keywords", "specification_by_model"]
