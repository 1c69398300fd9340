"""What is changed in particular answers beyond their links."""

from __future__ import annotations

import json
from collections.abc import Callable

from pydantic_core import from_json

from practicum.bus.events import Json
from practicum.proctor.gateway.call import Call
from practicum.proctor.gateway.decision import Decisions
from practicum.proctor.gateway.tickets import Ticket, Tickets
from practicum.proctor.lease import Lease

_REPOSITORY_LISTS = frozenset({"GET /user/repos", "GET /orgs/{org}/repos", "GET /users/{login}/repos"})
_TICKET_FIELDS = {"files.getUploadURLExternal": "upload_url", "apps.connections.open": "url"}


def learner(call: Call, decisions: Decisions) -> Callable[[Json], None] | None:
    """What is learnt from an answer that passes through."""
    match call.family:
        case "slack":
            return decisions.slack.learn
        case "discord":
            return decisions.discord.learn
        case "github" if len(call.segments) == 3:
            return decisions.repositories.learn
        case _:
            return None


def adapter(call: Call, lease: Lease, tickets: Tickets, base: str) -> Callable[[bytes], bytes] | None:
    """How the JSON of an answer is changed: tickets for secret addresses, lists cut to what the lease may see."""
    route = call.access.route if call.access else ""
    if call.family == "github" and route in _REPOSITORY_LISTS and "*" not in lease.grant.resources:
        return lambda body: _granted_only(body, lease)
    if call.family == "slack" and call.segments and (name := _TICKET_FIELDS.get(call.segments[0])):
        return lambda body: _with_ticket(body, name, call, lease, tickets, base)
    return None


def _granted_only(body: bytes, lease: Lease) -> bytes:
    try:
        found = from_json(body)
    except ValueError:
        return body
    if not isinstance(found, list):
        return body
    names = lease.grant.resources
    return json.dumps([each for each in found if isinstance(each, dict) and each.get("full_name") in names]).encode()


def _with_ticket(body: bytes, name: str, call: Call, lease: Lease, tickets: Tickets, base: str) -> bytes:
    try:
        found = from_json(body)
    except ValueError:
        return body
    if not isinstance(found, dict) or not isinstance(url := found.get(name), str) or call.access is None:
        return body
    websocket = url.startswith("ws")
    ticket = tickets.issue(Ticket(lease, url, call.access, "websocket" if websocket else "http"))
    here = base.replace("http", "ws", 1) if websocket else base
    return json.dumps({**found, name: f"{here}/{call.service}/ticket/{ticket}"}).encode()
