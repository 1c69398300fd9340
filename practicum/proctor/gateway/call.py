"""One outside call on its way through the gateway, and what the record keeps of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from practicum.bus.event import Provenance
from practicum.bus.events import ExchangeCompleted
from practicum.ids import new_event_id
from practicum.proctor.access import Access
from practicum.proctor.gateway.body import Body
from practicum.proctor.gateway.paths import AmbiguousPathError, query_of, segments_of
from practicum.proctor.gateway.tokens import cause_of
from practicum.proctor.gateway.upstream import Upstream
from practicum.proctor.lease import Lease

Family = Literal[
    "github",
    "git",
    "slack",
    "slack_files",
    "discord",
    "discord_socket",
    "deploy",
    "anthropic",
    "openai",
    "mocks",
    "inspect",
    "none",
]
"""How a service is spoken to: GitHub's REST and its git are one service and two families."""

SERVICE_OF: dict[Family, str] = {
    "git": "github",
    "slack_files": "slack",
    "discord_socket": "discord",
    "none": "unknown",
}

PREFIXES: tuple[tuple[tuple[str, ...], Family], ...] = (
    (("github",), "github"),
    (("git",), "git"),
    (("slack", "api"), "slack"),
    (("slack", "files"), "slack_files"),
    (("discord", "api", "v10"), "discord"),
    (("discord", "gateway"), "discord_socket"),
    (("deploy",), "deploy"),
    (("anthropic",), "anthropic"),
    (("openai", "v1"), "openai"),
    (("mocks",), "mocks"),
    (("inspect",), "inspect"),
)


_TICKETED: tuple[Family, ...] = ("github", "slack", "discord")


@dataclass(slots=True)
class Call:
    """What is known of a call so far; filled in as it goes through."""

    id: str
    request: web.BaseRequest
    family: Family
    segments: tuple[str, ...]
    """Below the family's prefix, decoded."""
    query: dict[str, str]
    body: Body
    upstream: Upstream
    cause: str | None = None
    trailing_slash: bool = False
    lease: Lease | None = None
    access: Access | None = None
    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    response_bytes: int = 0
    response_digest: str = ""
    response_body: str = ""
    cost_usd: float = 0.0
    refused: str = ""
    reached: bool = False
    """Whether the call was sent on."""
    mocked: bool = False
    """Whether a mock of the scenario answered."""
    response: web.StreamResponse | None = None
    """The answer whose beginning is already sent."""
    told: bool = False
    """Whether its event is published."""

    @property
    def service(self) -> str:
        """The service's name in leases and events."""
        return SERVICE_OF.get(self.family, self.family)

    @property
    def provenance(self) -> Provenance:
        """Where the answer comes from, for the event's envelope."""
        return self.upstream.mode

    def completed(self, path: str) -> ExchangeCompleted:
        """The record; `path` is what was asked for, without credentials."""
        return ExchangeCompleted(
            lease=self.lease.id if self.lease else "",
            agent=self.lease.agent if self.lease else "",
            service=self.service,
            method=self.request.method,
            route=self.access.route if self.access else "unknown",
            path=path,
            resource=self.access.resource if self.access else "",
            status=self.status,
            ms=round((time.perf_counter() - self.started) * 1000, 3),
            request_bytes=self.body.size,
            response_bytes=self.response_bytes,
            cost_usd=self.cost_usd,
            refused=self.refused,
            request_digest=self.body.digest,
            response_body=self.response_body,
            response_digest=self.response_digest,
            upstream=self.reached,
            mocked=self.mocked,
        )


def read_call(request: web.BaseRequest) -> tuple[Call, str]:
    """A call as it comes in, and what is ambiguous about its address (empty where nothing is)."""
    raw_path, _, raw_query = request.raw_path.partition("?")
    problem = ""
    segments: tuple[str, ...] = ()
    query: dict[str, str] = {}
    slash = raw_path.startswith("/deploy/") and raw_path.endswith("/")  # the running application's own paths
    try:
        segments = segments_of(raw_path.removesuffix("/") if slash else raw_path)
        query = query_of(raw_query)
    except (AmbiguousPathError, ValueError) as error:
        problem = str(error)
        segments = segments or (raw_path.strip("/").partition("/")[0],)
    family, rest = family_of(segments)
    call = Call(
        id=new_event_id(),
        request=request,
        family=family,
        segments=rest,
        query=query,
        body=Body(request),
        upstream=Upstream(),
        cause=cause_of(request.headers),
        trailing_slash=slash,
    )
    return call, problem


def family_of(segments: tuple[str, ...]) -> tuple[Family, tuple[str, ...]]:
    """The family that a path belongs to, and the segments below its prefix."""
    if len(segments) == 3 and segments[1] == "ticket":
        for family in _TICKETED:
            if segments[0] == family:
                return family, segments[1:]
    for prefix, family in PREFIXES:
        if segments[: len(prefix)] == prefix:
            return family, segments[len(prefix) :]
    return "none", segments
