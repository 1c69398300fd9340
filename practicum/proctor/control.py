"""What launcher and proctor say to each other over the inherited socket: one JSON object a line.

A request is `{"id": 1, "method": "lease", "params": {...}}`, an answer `{"id": 1, "result": {...}}` or
`{"id": 1, "error": {"kind": "CharterError", "message": "...", "hint": "..."}}`. The classes are params and results.
No raw service credential ever crosses this line; leases and bus identities do, and the variables of those plugins that
the scenario names (`PluginValues`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from practicum.api.charter import Charter
from practicum.bus.identity import SourceKind

Mode = Literal["simulated", "live", "recorded"]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ServiceSetup(_Message):
    """How one service is reached in this run."""

    mode: Mode
    url: str = ""
    """Live only, overrides the vendor's address (GitHub Enterprise, a test server); for GitHub the API's address."""
    server_url: str = ""
    """Live GitHub only: where git and the web pages are."""


class AgentSetup(_Message):
    """One member of the team."""

    name: str
    role: str
    charter: Charter
    model: str
    """`script/...` needs no lease; `anthropic/...` and `openai/...` get one."""


class Open(_Message):
    """`open`: the first request. Makes bus keys, opens the vault, checks charters, makes simulated credentials."""

    run: str
    vault: str
    """Path of the vault's file."""
    env_file: str = ""
    services: dict[str, ServiceSetup]
    """github, slack, discord, deploy, anthropic, openai."""
    agents: list[AgentSetup]
    grantable: dict[str, list[str]]
    """What the scenario has: service to resources (repositories, channels); a charter may not ask beyond it."""
    mocked: list[str] = []
    """Services whose calls are put to the scenario's mocks first; `mocks` where methods can be called by name."""
    budget_usd: float | None = None
    """For all model calls of the run together."""
    bus: str = ""
    """A foreign bus's URL; empty for the embedded server."""
    default_ttl_s: float = 900.0
    plugin_variables: dict[str, bool] = {}
    """Variables of the plugins that the scenario names: whether the value is a secret. No other one is ever told."""
    listen: bool = True
    """Whether live services tell of their changes, for which webhooks are registered there."""


class Opened(_Message):
    """Result of `open`."""

    server_config: str
    """Lines for nats-server (operator, resolver, accounts); no secret among them. Empty with a foreign bus."""
    world_credentials: list[dict[str, object]]
    """`practicum.world.service.Credential` as JSON: hashes and names only."""
    notes: list[str]
    """What the user should see: default budget, keys taken from the shell (by name)."""


class IdentityRequest(_Message):
    """`identity`: a bus identity for one source."""

    source: str
    kind: SourceKind
    stream: str = ""
    consumer: str = ""
    """An agent's mailbox consumer: the only part of JetStream that it may use."""


class Identity(_Message):
    """Result of `identity`."""

    source: str
    jwt: str
    seed: str
    expires: datetime


class Connect(_Message):
    """`connect`: the bus listens; connect to it, start the gateway."""

    url: str


class Connected(_Message):
    """Result of `connect`."""

    gateway: str
    """`http://127.0.0.1:PORT`."""


class PluginValues(_Message):
    """Result of `plugin_values`: of `Open.plugin_variables` those that the vault has, for the plugins' processes."""

    values: dict[str, str]


class WorldUp(_Message):
    """`world`: where the simulated services listen."""

    url: str


class LeaseFor(_Message):
    """`lease`: grant one agent everything its charter allows. Publishes `lease.granted` for each."""

    agent: str


class ServiceLease(_Message):
    """One lease as its agent gets it."""

    id: str
    token: str
    url: str
    """Where the service is for this agent: `http://127.0.0.1:PORT/github`."""
    git_url: str = ""
    """GitHub only: `http://127.0.0.1:PORT/git`."""
    login: str
    name: str
    email: str
    expires: datetime


class Leases(_Message):
    """Result of `lease` and of `inspector`: service to lease."""

    leases: dict[str, ServiceLease]


class Revoke(_Message):
    """`revoke`: take back one lease, an agent's, or all of the run."""

    lease: str = ""
    agent: str = ""
    reason: str


class LeaseUse(_Message):
    """One row of granted beside used."""

    lease: str
    agent: str
    role: str
    service: str
    identity: str
    granted: dict[str, str]
    used: dict[str, int]
    calls: int
    refused: int
    cost_usd: float


class Usage(_Message):
    """Result of `usage`."""

    leases: list[LeaseUse]


class Decision(_Message):
    """`approve`: a person's word on an act that waits."""

    approval: str
    approved: bool
    by: str
    comment: str = ""


class Seal(_Message):
    """`seal`: sign the head of the finished trajectory with the vault's Ed25519 key."""

    head: str
    count: int


class Sealed(_Message):
    """Result of `seal`: base64 signature and public key over `practicum-seal:{run}:{count}:{head}`."""

    signature: str
    public_key: str


class Search(_Message):
    """`search`: look for every credential of the run below these paths, raw, base64 and URL-encoded: the accounts'
    keys, the seeds of the bus, the vault's master key and its seal.

    Git repositories among them are searched object by object. Only the proctor can do this: nobody else knows them.
    """

    paths: list[str]


class Found(_Message):
    """Result of `search`: `path: name of the credential`, never the credential."""

    places: list[str]


class MockAsked(_Message):
    """`ask launcher mock`, over the bus: does a mock answer this call? Without credentials and lease tokens."""

    exchange: str
    """Id of the call's `exchange.completed`."""
    agent: str
    service: str
    """Empty for a call by name that names none."""
    method: str
    """By name, or the route's template."""
    resource: str = ""
    """What the call is about, a channel by its name: as in `exchange.completed`."""
    args: list[JsonValue] = []
    input: dict[str, JsonValue] = {}
    http: tuple[str, str] | None = None
    """Verb and path below the service's address; None for a call by name."""
    unread: int = 0
    """Bytes of a body that is too large to be put to mocks; `input` is without it."""


class MockFault(_Message):
    """How a mocked call by name fails."""

    code: str | int
    message: str
    status: int | None = None


class MockReply(_Message):
    """The answer to `MockAsked`."""

    answered: bool
    """False: the service itself answers; by name, nobody does."""
    status: int = 200
    value: JsonValue = None
    error: MockFault | None = None
    delay_s: float = 0.0
    """The gateway lets it pass before it answers."""
    why: str = ""
    """Why no mock answers."""
    known: list[str] = []
    """The methods that can be called by name, where the asked one cannot."""
    problem: str = ""
    """Why the answer that a mock has cannot be given."""


class Failure(_Message):
    """The `error` of an answer."""

    kind: str
    message: str
    hint: str = ""
    exit_code: int = 3
