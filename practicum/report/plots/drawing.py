"""The shapes that plots are made of. Lengths in pixels of a page that is `Drawing.width` wide; y grows downwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["good", "bad", "warn", "plain", "ink", "soft", "line", "second"]
"""What a shape stands for; whoever draws it has a colour for each."""

WIDTH = 880

OUTCOME_ROLES: dict[str, Role] = {"passed": "good", "failed": "bad"}
"""Others are `warn`: they say nothing about the team."""


def role_of(outcome: str) -> Role:
    """The role of an outcome."""
    return OUTCOME_ROLES.get(outcome, "warn")


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: Role
    tip: str = ""
    """What a page shows under the pointer."""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Role = "line"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Trace:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    role: Role
    width: float = 2.0


@dataclass(frozen=True, slots=True)
class Words:
    """Text; `y` is its baseline."""

    x: float
    y: float
    text: str
    role: Role = "ink"
    anchor: Literal["start", "middle", "end"] = "start"
    size: float = 12.0
    bold: bool = False


Shape = Box | Stroke | Trace | Words


@dataclass
class Drawing:
    """A plot."""

    label: str
    """What it shows, for those who cannot see it."""
    height: float
    width: float = WIDTH
    shapes: list[Shape] = field(default_factory=list)


def round_steps(most: float, about: int = 5) -> float:
    """A round distance (1, 2 or 5 times a power of ten) that fits `about` times into `most`."""
    if most <= 0:
        return 1.0
    rough = most / about
    power = 1.0
    while power * 10 <= rough:
        power *= 10
    while power > rough:
        power /= 10
    return next((power * factor for factor in (1, 2, 5) if power * factor >= rough), power * 10)
