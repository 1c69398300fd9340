"""Amounts as people read them."""

from __future__ import annotations


def seconds(value: float) -> str:
    """A duration for people: `2.5 ms`, `0.12 s`, `3.4 s`, `2 min 05 s`."""
    if value == 0:
        return "0 s"
    if value < 0.1:
        return f"{value * 1000:.3g} ms"
    if value < 1:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def usd(value: float) -> str:
    """A sum for people: cents, or as many places as a small one needs."""
    return f"${value:.2f}" if value == 0 or value >= 1 else f"${value:.4f}"


def percent(value: float | None) -> str:
    """A rate for people; a dash where there is none."""
    return "–" if value is None else f"{value:.0%}"
