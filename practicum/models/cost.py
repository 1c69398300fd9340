"""What an answer cost, by the one table of prices that the proctor's budgets use too."""

from __future__ import annotations

from dataclasses import replace

from practicum.api.model import ModelUsage
from practicum.api.prices import price


def priced(vendor: str, model: str, usage: ModelUsage) -> ModelUsage:
    """`usage` with its cost in US dollars by list price; an unlisted model counts as a dear one."""
    line = price(vendor, model)
    if line is None:
        return usage
    return replace(
        usage,
        cost_usd=line.cost(usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens),
    )
