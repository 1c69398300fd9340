"""What the proctor does when the launcher asks: one method for each request of `practicum.proctor.control`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import from_json, to_json

from practicum.bus.identity import BusKeys
from practicum.bus.nats import NatsBus, connect_nats
from practicum.clock import Clock, WallClock
from practicum.errors import LeaseError, PracticumError, UsageError, VaultError
from practicum.proctor import control, seal
from practicum.proctor.accounts import Account
from practicum.proctor.desk import LeaseDesk
from practicum.proctor.gateway import Gateway
from practicum.proctor.gateway.upstream import Upstream
from practicum.proctor.identities import Identities
from practicum.proctor.lease import LeaseBook
from practicum.proctor.roster import Roster, build_roster
from practicum.proctor.search import Searcher
from practicum.proctor.secret import Secret
from practicum.proctor.vault.file import FileVault
from practicum.proctor.vault.layers import Layers, open_layers
from practicum.proctor.vault.variables import variable_secret
from practicum.proctor.voice import SOURCE, Voice

Background = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]

_APP_TOKEN = "slack-app"  # noqa: S105 - the name of one
BUS_KEY = "bus"
"""Under which name the vault keeps the seed of a foreign bus's account."""


class Session:
    """One run, from `open` to `close`. `background` starts what goes on between requests."""

    def __init__(self, environment: Mapping[str, str], background: Background, clock: Clock | None = None) -> None:
        self._environment = environment
        self._background = background
        self._clock = clock or WallClock()
        self._opened: _Opened | None = None
        self._bus: NatsBus | None = None
        self._sweeping: asyncio.Task[None] | None = None

    def clean(self, text: str) -> str:
        """`text` without any credential of the run; for whatever leaves the process."""
        return self._opened.gateway.filter.clean_text(text) if self._opened else text

    def clean_bytes(self, data: bytes) -> bytes:
        """The same for bytes. Lease tokens stay: they are for the launcher."""
        return self._opened.gateway.filter.clean(data) if self._opened else data

    async def open(self, params: control.Open) -> control.Opened:
        """Open the vault, check charters, find or make every key.

        Raises:
            VaultError, CharterError, UsageError, InfrastructureError: as `build_roster`.
        """
        if self._opened is not None:
            raise UsageError("the run is open already")
        layers = open_layers(self._environment, vault=params.vault, env_file=params.env_file)
        self._environment = {}
        upstreams = {
            name: Upstream(service.mode, service.url, service.server_url) for name, service in params.services.items()
        }
        roster = await build_roster(params, layers, upstreams)
        keys = _foreign_keys(layers) if params.bus else BusKeys(params.run, [agent.name for agent in params.agents])
        self._opened = _Opened(params, layers, upstreams, roster, keys, self._clock)
        return control.Opened(
            server_config=keys.server_config(), world_credentials=roster.world_credentials(), notes=roster.notes
        )

    async def identity(self, params: control.IdentityRequest) -> control.Identity:
        """A bus identity; asked again, the same one for longer."""
        run = self._run()
        if params.kind == "agent" and params.source not in run.roster.members:
            raise UsageError(f"there is no agent {params.source!r}", hint=f"agents: {', '.join(run.roster.members)}")
        ttl = run.ttl
        member = run.roster.members.get(params.source)
        if member is not None and member.compiled.terms:
            # It lives as long as the agent's leases, and is renewed with them.
            ttl = min(terms.ttl for terms in member.compiled.terms.values())
        return run.identities.issue(params.source, params.kind, ttl, stream=params.stream, consumer=params.consumer)

    async def connect(self, params: control.Connect) -> control.Connected:
        """Join the bus, start the gateway, answer what agents ask."""
        run = self._run()
        if self._bus is not None:
            raise UsageError("the proctor is connected already")
        identity = run.identities.issue(SOURCE, "proctor", run.ttl)

        async def renew() -> tuple[str, str]:
            fresh = run.identities.renew(SOURCE)
            return fresh.jwt, fresh.seed

        self._bus = await connect_nats(
            params.url, run=run.params.run, source=SOURCE, jwt=identity.jwt, seed=identity.seed, renew=renew
        )
        await run.voice.connect(self._bus)
        await self._bus.answer(SOURCE, self._asked_renew, verb="renew")
        await self._bus.answer(SOURCE, self._asked_lease, verb="lease")
        run.desk.gateway = await run.gateway.start()
        await self._listen(run)
        self._sweeping = self._background(run.desk.sweep())
        return control.Connected(gateway=run.desk.gateway)

    async def _listen(self, run: _Opened) -> None:
        """Have a live GitHub tell us of its changes, so that they wake agents as simulated ones do."""
        if run.roster.modes.get("github") != "live" or not run.params.listen:
            return
        # An owner's key, where the vault has one, may administer webhooks although no role's key may.
        own = [account.credential for account in run.roster.accounts() if account.service == "github"]
        credential = "github" if run.layers.find("github") else own[0]
        for repository in run.params.grantable.get("github", []):
            await run.gateway.listen_to_github(repository, credential)

    async def plugin_values(self) -> control.PluginValues:
        """The values of the variables that plugins of the scenario declare; secrets among them are kept in from now on.

        Raises:
            VaultError: the vault cannot be opened, or a secret is too short to be kept out of answers and logs.
        """
        return control.PluginValues(values=await asyncio.to_thread(self._run().plugin_values))

    async def world(self, params: control.WorldUp) -> None:
        """Where the simulated services listen."""
        self._run().gateway.set_world(params.url)

    async def lease(self, params: control.LeaseFor) -> control.Leases:
        """Everything an agent's charter allows."""
        return control.Leases(leases=await self._run().desk.grant_all(params.agent))

    async def inspector(self) -> control.Leases:
        """The launcher's own leases."""
        return control.Leases(leases=await self._run().desk.inspector())

    async def revoke(self, params: control.Revoke) -> None:
        """Take back one lease, an agent's, or all."""
        await self._run().desk.revoke(reason=params.reason, lease=params.lease, agent=params.agent)

    async def approve(self, params: control.Decision) -> None:
        """A person's word on an act that waits."""
        await self._run().gateway.decide_approval(params.approval, params.approved, params.by, params.comment)

    async def usage(self) -> control.Usage:
        """Granted beside used."""
        return control.Usage(leases=self._run().desk.usage())

    async def search(self, params: control.Search) -> control.Found:
        """Where the run's credentials stand below some paths."""
        run = self._run()
        searcher = Searcher(run.roster.accounts(), await asyncio.to_thread(run.keys))
        return control.Found(places=await asyncio.to_thread(searcher.search, [Path(path) for path in params.paths]))

    async def seal(self, params: control.Seal) -> control.Sealed:
        """Sign the head of the finished trajectory; the key is made on first use.

        Raises:
            VaultError: the vault cannot be opened or written.
        """
        run = self._run()
        found = run.layers.find(seal.SEAL_NAME)
        key = found.secret if found else seal.new_seal()
        run.gateway.filter.add(key)
        if found is None:
            vault = next(vault for vault in run.layers.vaults if isinstance(vault, FileVault))
            await asyncio.to_thread(vault.set, seal.SEAL_NAME, key)
        signature, public_key = seal.sign(key, run.params.run, params.count, params.head)
        return control.Sealed(signature=signature, public_key=public_key)

    async def ping(self) -> None:
        """Say that the process lives."""

    async def close(self) -> None:
        """Take everything back, tell of it, leave the bus, stop the gateway. Safe to call twice."""
        sweeping, self._sweeping = self._sweeping, None
        if sweeping is not None:
            sweeping.cancel()
        if self._opened is not None:
            await self._opened.desk.revoke(reason="the run is over", final=False)
            await self._opened.gateway.close()
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()

    def abandon(self) -> None:
        """The launcher is gone: from this moment no lease is good."""
        if self._opened is not None:
            self._opened.desk.revoke_now("the launcher is gone")

    def _run(self) -> _Opened:
        if self._opened is None:
            raise UsageError("nothing is open yet", hint="open comes first")
        return self._opened

    async def _asked_renew(self, asker: str, body: bytes) -> bytes:
        """`ask proctor renew`: a later expiry for the asker's bus identity and for its leases."""
        run = self._run()
        if run.desk.is_barred(asker):
            raise LeaseError(f"everything was taken back from {asker}")
        identity = run.identities.renew(asker)
        leases = await run.desk.renew(asker)
        return to_json({**identity.model_dump(), "leases": leases})

    async def _asked_lease(self, asker: str, body: bytes) -> bytes:
        """`ask proctor lease`: `{"service": ..., "purpose": ...}`, answered with a `ServiceLease`."""
        try:
            wanted = _LeaseWanted.model_validate_json(body)
        except ValidationError:
            raise UsageError('ask for a lease with {"service": "...", "purpose": "..."}') from None
        lease = await self._run().desk.request(asker, wanted.service, wanted.purpose[:500])
        return to_json(lease)


class _LeaseWanted(BaseModel):
    service: str
    purpose: str = ""


class _Opened:
    """Everything that exists from `open` on."""

    def __init__(
        self,
        params: control.Open,
        layers: Layers,
        upstreams: dict[str, Upstream],
        roster: Roster,
        keys: BusKeys,
        clock: Clock,
    ) -> None:
        self.params, self.layers, self.roster = params, layers, roster
        self.ttl = timedelta(seconds=params.default_ttl_s)
        self._credentials: dict[str, Account] = {account.credential: account for account in roster.accounts()}
        self._bus_keys = keys
        self._plugin_keys: dict[str, Secret] = {}
        self.identities = Identities(params.run, keys)
        self.voice = Voice(params.run, clock)
        book = LeaseBook(clock)
        self.gateway = Gateway(
            run=params.run,
            leases=book,
            credentials=self.credential,
            upstreams=upstreams,
            publish=self.voice.publish,
            clock=clock,
            admin_token=roster.admin.secret,
            budget_usd=params.budget_usd,
            mocked=frozenset(params.mocked),
            ask_launcher=self.voice.ask_launcher,
        )
        self.desk = LeaseDesk(params.run, book, roster, self.voice, clock, self.ttl)
        secrets: list[Secret | str] = [account.secret for account in roster.accounts()]
        for secret in [*secrets, *keys.secrets()]:
            self._keep_in(secret)

    def credential(self, name: str) -> Secret:
        """The real credential of a vault name, for the gateway.

        Raises:
            VaultError: the run has none of that name.
        """
        if account := self._credentials.get(name):
            return account.secret
        if name == "github" and self.roster.modes.get("github") == "live" and (found := self.layers.find(name)):
            self._keep_in(found.secret)
            return found.secret
        if name.partition("@")[0] == _APP_TOKEN and self.roster.modes.get("slack") == "live":
            found = self.layers.find(name) or self.layers.find(_APP_TOKEN)
            if found is not None:
                return found.secret
        raise VaultError(f"this run has no key {name}")

    def plugin_values(self) -> dict[str, str]:
        """See `Session.plugin_values`. Blocks."""
        values: dict[str, str] = {}
        for variable, secret in self.params.plugin_variables.items():
            found = self.layers.find(variable_secret(variable))
            if found is None:
                continue
            if secret:
                self._keep_in(found.secret)
                self._plugin_keys[variable] = found.secret
            values[variable] = found.secret.reveal()
        return values

    def keys(self) -> dict[str, Secret]:
        """What nobody but this process may hold beside the accounts' keys, by name. Reads the vault; blocks.

        Raises:
            VaultError: the vault cannot be opened.
        """
        found = {f"bus seed {number}": Secret(seed) for number, seed in enumerate(self._bus_keys.secrets(), start=1)}
        for vault in self.layers.vaults:
            if isinstance(vault, FileVault):
                kept = {"the vault's master key": vault.master_text(), seal.SEAL_NAME: vault.get(seal.SEAL_NAME)}
                found |= {name: secret for name, secret in kept.items() if secret is not None}
        return found | self._plugin_keys

    def _keep_in(self, secret: Secret | str) -> None:
        try:
            self.gateway.filter.add(secret)
        except ValueError:
            raise VaultError(
                "a key is shorter than 8 characters, so it could not be kept out of answers and logs",
                hint="practicum secrets list says when each was set",
            ) from None


def _foreign_keys(layers: Layers) -> BusKeys:
    """Keys of a user's own bus: the account's seed, or a signing key's seed followed by the account's public name."""
    seed, _, account = layers.need(BUS_KEY).secret.reveal().strip().partition(" ")
    return BusKeys.from_account_seed(seed, account.strip())


_METHODS: dict[str, type[BaseModel] | None] = {
    "open": control.Open,
    "identity": control.IdentityRequest,
    "connect": control.Connect,
    "plugin_values": None,
    "world": control.WorldUp,
    "lease": control.LeaseFor,
    "inspector": None,
    "revoke": control.Revoke,
    "approve": control.Decision,
    "usage": None,
    "search": control.Search,
    "seal": control.Seal,
    "ping": None,
    "close": None,
}
"""Every request, and the class of its parameters."""


async def answer(session: Session, line: bytes) -> dict[str, JsonValue]:
    """Carry out one request line; the answer as it goes back. Errors that Practicum knows become part of it."""
    number: JsonValue = None
    try:
        request = from_json(line)
        if not isinstance(request, dict):
            raise UsageError("a request is an object")
        number, method = request.get("id"), str(request.get("method"))
        if method not in _METHODS:
            raise UsageError(f"the proctor has no method {method!r}", hint=f"known: {', '.join(_METHODS)}")
        shape = _METHODS[method]
        call = getattr(session, method)
        result = await (call() if shape is None else call(shape.model_validate(request.get("params") or {})))
        plain = cast(JsonValue, result.model_dump(mode="json") if isinstance(result, BaseModel) else {})
        return {"id": number, "result": plain}
    except PracticumError as error:
        return {"id": number, "error": failure(error)}
    except ValidationError as error:
        # The values are left out: a request may hold what nobody should read in a log.
        fields = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        return {"id": number, "error": failure(UsageError(f"the request is not valid: {fields}"))}
    except ValueError:
        return {"id": number, "error": failure(UsageError("a request is one JSON object a line"))}


def failure(error: PracticumError) -> dict[str, JsonValue]:
    """An error as `control.Failure`."""
    made = control.Failure(
        kind=type(error).__name__, message=error.message, hint=error.hint, exit_code=int(error.exit_code)
    )
    return cast(dict[str, JsonValue], made.model_dump(mode="json"))
