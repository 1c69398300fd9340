"""Models for work on plugins outside of a run: asked through a proctor's gateway."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from practicum.api.charter import Can, ModelCan
from practicum.errors import UsageError
from practicum.models.registry import parse_model, require_sdk
from practicum.plugins.asking import RegistryModel, ask_model
from practicum.runtime.plan import DEFAULT_BUDGET_USD
from practicum.runtime.plugin_access import plugin_access


@asynccontextmanager
async def plugin_model(
    name: str,
    *,
    time_s: float,
    budget_usd: float = DEFAULT_BUDGET_USD,
    environment: Mapping[str, str] = os.environ,
) -> AsyncIterator[RegistryModel | None]:
    """The model of that name for as long as the context lasts; None for an empty name.

    What is used here is a lease of the proctor, for this model alone, with the budget, for `time_s`.

    Raises:
        UsageError: no such model, or one that is not asked over a vendor's API.
        MissingExtraError: the vendor's SDK is not installed.
        VaultError: there is no key for it.
        InfrastructureError: proctor or bus did not start.
    """
    if not name:
        yield None
        return
    ref = parse_model(name)
    if not ref.service:
        raise UsageError(f"{name} cannot write plugins", hint="give anthropic/NAME or openai/NAME, or no model at all")
    require_sdk(ref)
    can = Can(model=ModelCan(names=(ref.name,)))
    access = plugin_access({ref.service: str(ref)}, can, time_s=time_s, budget_usd=budget_usd, environment=environment)
    async with access as leases:
        lease = leases[ref.service]
        # In a thread: importing a vendor's SDK takes a second.
        model = await asyncio.to_thread(ask_model, name, base_url=lease.url, api_key=lease.token)
        try:
            yield model
        finally:
            await model.close()
