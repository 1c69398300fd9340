"""List prices of language models: one table for the proctor's budgets and for the models' own accounting.

The lines were written down in January 2026 from the vendors' price pages (anthropic.com/pricing,
platform.openai.com/docs/pricing; standard tier, text) and may have changed since. Nothing here is asked of the
network: put the truth of your contract into a JSON file and name it in `PRACTICUM_PRICES`:
`{"openai": {"gpt-5": {"input": 1.25, "output": 10, "cache_read": 0.125, "cache_write": 1.25}}}`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from practicum.errors import InvalidFileError

PRICES_VARIABLE = "PRACTICUM_PRICES"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    """Tokens that came from no cache."""
    output: float
    cache_read: float
    cache_write: float

    def cost(self, input: int = 0, output: int = 0, cache_read: int = 0, cache_write: int = 0) -> float:
        """US dollars for these numbers of tokens; `input` without those read from or written to a cache."""
        return (
            input * self.input + output * self.output + cache_read * self.cache_read + cache_write * self.cache_write
        ) / 1_000_000


def _anthropic(input: float, output: float) -> Price:
    """Anthropic's rule: reading a cache costs a tenth of input, writing one (5 minutes) a quarter more."""
    return Price(input, output, input * 0.1, input * 1.25)


def _openai(input: float, output: float, cached: float | None = None) -> Price:
    """OpenAI's rule: writing a cache costs what input costs."""
    return Price(input, output, input if cached is None else cached, input)


_PRICES: dict[str, dict[str, Price]] = {
    "anthropic": {
        "claude-opus-4-5": _anthropic(5, 25),
        "claude-opus-4": _anthropic(15, 75),
        "claude-3-opus": _anthropic(15, 75),
        "claude-sonnet-4": _anthropic(3, 15),
        "claude-3-7-sonnet": _anthropic(3, 15),
        "claude-3-5-sonnet": _anthropic(3, 15),
        "claude-haiku-4-5": _anthropic(1, 5),
        "claude-3-5-haiku": _anthropic(0.8, 4),
        "claude-3-haiku": _anthropic(0.25, 1.25),
    },
    "openai": {
        "gpt-5.2": _openai(1.75, 14, 0.175),
        "gpt-5.1": _openai(1.25, 10, 0.125),
        "gpt-5-pro": _openai(15, 120),
        "gpt-5-mini": _openai(0.25, 2, 0.025),
        "gpt-5-nano": _openai(0.05, 0.4, 0.005),
        "gpt-5": _openai(1.25, 10, 0.125),
        "gpt-4.1-mini": _openai(0.4, 1.6, 0.1),
        "gpt-4.1-nano": _openai(0.1, 0.4, 0.025),
        "gpt-4.1": _openai(2, 8, 0.5),
        "gpt-4o-mini": _openai(0.15, 0.6, 0.075),
        "gpt-4o": _openai(2.5, 10, 1.25),
        "o1-pro": _openai(150, 600),
        "o1-mini": _openai(1.1, 4.4, 0.55),
        "o1": _openai(15, 60, 7.5),
        "o3-pro": _openai(20, 80),
        "o3-mini": _openai(1.1, 4.4, 0.55),
        "o3": _openai(2, 8, 0.5),
        "o4-mini": _openai(1.1, 4.4, 0.275),
        "text-embedding-3-small": _openai(0.02, 0),
        "text-embedding-3-large": _openai(0.13, 0),
        "text-embedding-ada-002": _openai(0.1, 0),
    },
}
"""Vendor to the beginning of a model's name to its price; the longest beginning that fits counts."""

UNKNOWN: dict[str, Price] = {"anthropic": _anthropic(15, 75), "openai": _openai(20, 80)}
"""What a model that is not in the table is taken to cost: rather too much, so that a budget stops early, not late."""


def price(vendor: str, model: str) -> Price | None:
    """What a model costs; the dear default `UNKNOWN[vendor]` for one that is not in the table, None without vendor.

    Raises:
        InvalidFileError: the file named by `PRACTICUM_PRICES` is not such a table.
    """
    own = _overrides(os.environ.get(PRICES_VARIABLE, ""))
    for table in (own.get(vendor, {}), _PRICES.get(vendor, {})):
        names = [name for name in table if model.startswith(name)]
        if names:
            return table[max(names, key=len)]
    return UNKNOWN.get(vendor)


def is_listed(vendor: str, model: str) -> bool:
    """Whether a model's price is known, or the dear default is used."""
    tables = (_overrides(os.environ.get(PRICES_VARIABLE, "")).get(vendor, {}), _PRICES.get(vendor, {}))
    return any(model.startswith(name) for table in tables for name in table)


@lru_cache(maxsize=4)
def _overrides(path: str) -> Mapping[str, Mapping[str, Price]]:
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_text())
        return {
            vendor: {
                name: Price(
                    float(line["input"]),
                    float(line["output"]),
                    float(line.get("cache_read", line["input"])),
                    float(line.get("cache_write", line["input"])),
                )
                for name, line in models.items()
            }
            for vendor, models in found.items()
        }
    except OSError as error:
        raise InvalidFileError(path, 0, "", f"cannot be read: {error.strerror}", hint=_HINT) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidFileError(path, 0, "", f"is not a table of prices: {error!r}", hint=_HINT) from error


_HINT = f"{PRICES_VARIABLE} names a JSON file such as " + '{"openai": {"gpt-5": {"input": 1.25, "output": 10}}}'
