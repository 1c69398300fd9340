"""How far repeated judgings of the same thing agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from practicum.bus.events import Json


@dataclass(frozen=True)
class Agreement:
    """Of some judgings of one thing."""

    counts: dict[str, int]
    """Category to how many chose it."""
    share: float
    """Of the judgings that chose the most frequent category, from 0 to 1."""
    pairs: float | None
    """Of all pairs of judgings, those that chose the same category; None for one judging alone. It is what Fleiss'
    kappa calls the extent of agreement P_i of one subject (Fleiss 1971, "Measuring nominal scale agreement among many
    raters"); kappa itself needs several subjects."""

    def as_json(self) -> dict[str, Json]:
        """For the record."""
        return {
            "judgings": sum(self.counts.values()),
            "counts": {**self.counts},
            "share": self.share,
            "pairs": self.pairs,
        }


def agreement(categories: Sequence[str]) -> Agreement:
    """How far they agree; at least one judging is needed.

    Raises:
        ValueError: there is none.
    """
    if not categories:
        raise ValueError("nothing was judged")
    counts, total = Counter(categories), len(categories)
    pairs = None
    if total > 1:
        pairs = round(sum(count * (count - 1) for count in counts.values()) / (total * (total - 1)), 4)
    return Agreement(dict(counts), round(max(counts.values()) / total, 4), pairs)
