"""Models for work on plugins outside of a run: asked through a proctor's gateway."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from practicum.api.charter import Can, ModelCan
from practicum.api.model import Model
from practicum.errors import UsageError
from practicum.models.registry import open_model, parse_model, require_sdk
from practicum.plugins.asking import AskModel, ask_model
from practicum.runtime.plugin_access import plugin_access


@dataclass(frozen=True, slots=True)
class Models:
    """Who is asked; None: nobody."""

    author: AskModel | None = None
    """Writes plugins."""
    reviewer: Model | None = None
    """Reviews them; it does not remember that it wrote them."""


@asynccontextmanager
async def plugin_model(
    name: str,
    *,
    time_s: float,
    budget_usd: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> AsyncIterator[Models]:
    """The model of that name for as long as the context lasts; none for an empty name.

    What is used here is a lease of the proctor, for this model alone, with the budget ($5 when left out), for `time_s`.

    Raises:
        UsageError: no such model, or one that is not asked over a vendor's API.
        MissingExtraError: the vendor's SDK is not installed.
        NeedsModelError: there is no key for it.
        InfrastructureError: proctor or bus did not start.
    """
    if not name:
        yield Models()
        return
    ref = parse_model(name)
    if not ref.service:
        raise UsageError(f"{name} cannot write plugins", hint="give anthropic/NAME or openai/NAME, or no model at all")
    require_sdk(ref)
    from practicum.runtime.plan import DEFAULT_BUDGET_USD

    budget_usd = budget_usd or DEFAULT_BUDGET_USD
    can = Can(model=ModelCan(names=(ref.name,)))
    access = plugin_access({ref.service: str(ref)}, can, time_s=time_s, budget_usd=budget_usd, environment=environment)
    async with access as leases:
        lease = leases[ref.service]
        # In a thread: importing a vendor's SDK takes a second.
        author = await asyncio.to_thread(ask_model, name, base_url=lease.url, api_key=lease.token)
        reviewer = open_model(ref, base_url=lease.url, api_key=lease.token)
        try:
            yield Models(author, reviewer)
        finally:
            await author.close()
            await reviewer.close()
