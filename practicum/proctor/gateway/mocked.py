"""Calls that the scenario's mocks answer in a service's place.

The launcher holds the mocks, the gateway asks it: after the charter has allowed a call and before a credential is put
on. So agents and their SDKs see an answer of the service, and nothing of it was theirs to arrange.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from pydantic import ValidationError

from practicum.bus.events import Json
from practicum.errors import BusError
from practicum.ids import LEASE_TOKEN
from practicum.proctor.access import Refusal
from practicum.proctor.accounts import LAUNCHER
from practicum.proctor.control import MockAsked, MockReply
from practicum.proctor.gateway.body import MalformedBodyError, strict_object
from practicum.proctor.gateway.call import Call, Family
from practicum.proctor.gateway.filter import REDACTED, SecretFilter
from practicum.proctor.gateway.links import Links, is_json
from practicum.proctor.gateway.refusal import Answer, CallRefusedError, unreachable
from practicum.proctor.gateway.tokens import CREDENTIAL_FIELDS
from practicum.proctor.lease import Lease

AskLauncher = Callable[[str, bytes], Awaitable[bytes]]
"""Verb and question to the answer; raises `BusError`."""

MAXIMUM_SHOWN = 256 * 1024
"""Bytes of a body that mocks are shown. With its escapes it must fit a message of any bus: 1 MiB by default."""

_ASKED: frozenset[Family] = frozenset({"github", "slack", "discord", "deploy", "mocks"})
"""What has methods that can be named: git's packs, files and websockets have not."""
_BODILESS = (204, 205, 304)
_TEXT_ROUTES = ("/http", "/http/{path+}", "/logs")
"""Of the deploy target: what they answer is no JSON of a service."""


class Mocks:
    """Asks for the answer of a mock. `services` are those that have mocks in this run.

    `links` are a vendor's own addresses: an answer that was copied from the true service leads back to the gateway.
    """

    def __init__(
        self,
        services: frozenset[str],
        ask: AskLauncher | None,
        filter: SecretFilter,
        links: Callable[[str], Links],
    ) -> None:
        self._services = services
        self._ask = ask
        self._filter = filter
        self._links = links

    async def answer(self, call: Call, lease: Lease) -> Answer | None:
        """The mock's answer to a call that the charter allows, after its delay. None: the call goes on as ever.

        Raises:
            CallRefusedError: a call by name whose body is not what it must be.
        """
        if self._ask is None or call.family not in _ASKED or call.service not in self._services:
            return None
        if lease.agent == LAUNCHER:
            return None  # who judges looks at what really is
        asked = _by_name(call, lease) if call.family == "mocks" else await _by_wire(call, lease)
        try:
            reply = MockReply.model_validate_json(await self._ask("mock", self._clean(asked)))
        except (BusError, ValidationError) as error:
            # To go on would be worse: perhaps a mock was meant to keep this call from the service.
            return unreachable(call.family, f"the scenario's mocks could not be asked: {error}")
        if not reply.answered:
            return _nobody(asked, reply) if call.family == "mocks" else None
        call.mocked = True
        if reply.delay_s > 0:
            await asyncio.sleep(reply.delay_s)
        if reply.problem:
            return unreachable(call.family, reply.problem)
        if call.family == "mocks":
            return _answered_by_name(reply)
        made = _answered(call, reply)
        return replace(made, body=self._links(call.service).in_json(made.body))

    def _clean(self, asked: MockAsked) -> bytes:
        """The question as it is sent. Agents write leases where they like, and it will be recorded."""
        question = json.dumps(asked.model_dump(), ensure_ascii=False).encode(errors="replace")
        return LEASE_TOKEN.sub(REDACTED, self._filter.clean(question))


def _by_name(call: Call, lease: Lease) -> MockAsked:
    """`{"args": [...], "input": {...}}` of a service's method, both optional."""
    fields = call.body.fields
    args, given = fields.get("args"), fields.get("input")
    args, given = [] if args is None else args, {} if given is None else given
    if fields.keys() - {"args", "input"} or not isinstance(args, list) or not isinstance(given, dict):
        expected = 'a call by name is {"args": [...], "input": {...}}, both optional'
        raise CallRefusedError(Refusal("malformed", expected, expected))
    if call.body.size > MAXIMUM_SHOWN:
        limit = f"a call by name has at most {MAXIMUM_SHOWN} bytes, this one has {call.body.size}"
        raise CallRefusedError(Refusal("malformed", limit, limit))
    service, method = call.segments if len(call.segments) == 2 else ("", call.segments[0])
    return MockAsked(exchange=call.id, agent=lease.agent, service=service, method=method, args=args, input=given)


async def _by_wire(call: Call, lease: Lease) -> MockAsked:
    """A call as its service's protocol has it: query and body are its input."""
    body, unread = await _body_of(call)
    given = {name: value for name, value in {**call.query, **body}.items() if name not in CREDENTIAL_FIELDS}
    access = call.access
    route = access.route if access else ""
    verb = "GET" if call.request.method == "HEAD" else call.request.method
    return MockAsked(
        exchange=call.id,
        agent=lease.agent,
        service=call.service,
        method=call.segments[0] if call.family == "slack" else route,
        resource=access.resource if access else "",
        input=given,
        http=(verb, "/" + "/".join(call.segments)),
        unread=unread,
    )


async def _body_of(call: Call) -> tuple[dict[str, Json], int]:
    """The fields of a body that is an object and not too large, and the size of one that is too large."""
    body = call.body
    if body.fields:
        return (body.fields, 0) if body.size <= MAXIMUM_SHOWN else ({}, body.size)
    if not is_json(call.request.content_type):
        return {}, 0
    while not body.complete and len(body.head) <= MAXIMUM_SHOWN:
        await body.read_more()  # what is read here still goes on, where no mock answers
    if len(body.head) > MAXIMUM_SHOWN:
        return {}, max(len(body.head), call.request.content_length or 0)
    try:
        return strict_object(body.head), 0
    except MalformedBodyError:
        return {}, 0


def _answered(call: Call, reply: MockReply) -> Answer:
    if reply.status in _BODILESS:
        return Answer(reply.status, b"")
    route = call.access.route if call.access and call.family == "deploy" else ""
    if isinstance(reply.value, str) and route.endswith(_TEXT_ROUTES):
        return Answer(reply.status, reply.value.encode(), {"Content-Type": "text/plain; charset=utf-8"})
    return _json(reply.status, reply.value)


def _answered_by_name(reply: MockReply) -> Answer:
    if reply.error is not None:
        return _failed(reply.error.status or 500, reply.error.code, reply.error.message)
    return _json(200, reply.value)


def _nobody(asked: MockAsked, reply: MockReply) -> Answer:
    name = ".".join(filter(None, (asked.service, asked.method)))
    if reply.known:
        return _failed(404, "UNKNOWN_METHOD", f"{name} is not mocked; there are: {', '.join(reply.known)}")
    return _failed(404, "NO_MOCK_FITS", f"{name}: {reply.why or 'no mock fits this call'}")


def _failed(status: int, code: str | int, message: str) -> Answer:
    return _json(status, {"error": {"code": code, "message": message, "status": status}})


def _json(status: int, value: Json) -> Answer:
    # discord.py compares the type to exactly this, without charset
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})
