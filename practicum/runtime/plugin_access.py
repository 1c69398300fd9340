"""Leases for work on plugins outside of a run: a proctor holds the keys, and every call goes through its gateway."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from practicum.api.charter import Can, Charter, LeaseTerms
from practicum.ids import new_run_id
from practicum.proctor import control
from practicum.runtime.child import start_child
from practicum.runtime.clients import ProctorClient

WHO = "factory"
"""In whose name the leases are."""

_MORE_S = 600
"""A lease lives this much longer than the work may take."""


@asynccontextmanager
async def plugin_access(
    services: Mapping[str, str],
    can: Can,
    *,
    time_s: float,
    repositories: Sequence[str] = (),
    budget_usd: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> AsyncIterator[dict[str, control.ServiceLease]]:
    """Leases for live services, for as long as the context lasts.

    No key ever comes into this process. The proctor's bus is a small server of its own, whose record goes with it.

    Args:
        services: service to the model that is asked there; empty text where it is no vendor of models.
        can: what the leases allow.
        time_s: how long the work may take.
        repositories: of GitHub, the only ones that a lease may name.
        budget_usd: for all model calls together.
        environment: where the vault is and, for services at other addresses, where those are.

    Raises:
        NeedsModelError, VaultError: there is no key for a model, for another service.
        InfrastructureError: proctor or bus did not start.
    """
    # Not at the top: who only looks at jobs needs no bus.
    from practicum.bus.nats import connect_nats, create_stream, stream_name
    from practicum.bus.server import EmbeddedServer
    from practicum.runtime.plan import LIVE_ADDRESSES

    run = new_run_id()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="practicum-factory-")))
        child = await start_child(
            "proctor", "practicum.proctor.process", log=folder / "proctor.log", environment=dict(environment)
        )
        stack.push_async_callback(child.stop)
        proctor = ProctorClient(child)
        setups = {
            name: control.ServiceSetup(
                mode="live",
                url=environment.get(LIVE_ADDRESSES[name], ""),
                server_url=environment.get("GITHUB_SERVER_URL", "") if name == "github" else "",
            )
            for name in services
        }
        charter = Charter(role=WHO, can=can, lease=LeaseTerms(ttl=f"{math.ceil(time_s) + _MORE_S}s"))
        model = next((model for model in services.values() if model), "script/none")
        opened = await proctor.open(
            control.Open(
                run=run,
                vault="",
                services=setups,
                agents=[control.AgentSetup(name=WHO, role=WHO, charter=charter, model=model)],
                grantable={"github": list(repositories)} if repositories else {},
                budget_usd=budget_usd,
                listen=False,
            )
        )
        server = EmbeddedServer(folder / "bus", config=opened.server_config, name=run)
        await server.start()
        stack.push_async_callback(server.stop)
        asked = control.IdentityRequest(source="launcher", kind="launcher", stream=stream_name(run))
        identity = await proctor.identity(asked)
        bus = await connect_nats(server.url, run=run, source="launcher", jwt=identity.jwt, seed=identity.seed)
        stack.push_async_callback(bus.close)
        await create_stream(bus)
        await proctor.connect(server.url)
        yield (await proctor.lease(WHO)).leases
