"""A call as conditions and expressions see it: `args`, `input` and `context`.

Files and callers say the same call in several ways: `searchIssues("acme/shop")`, `searchIssues({repo: ...})`, or
`GET /search/issues?q=...`. A call has a view for each; a mock fits when all of its conditions hold in one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from practicum.bus.events import Json
from practicum.scenarios.mocks.call import MockCall
from practicum.scenarios.mocks.patterns import Pattern

_QUALIFIER = re.compile(r"(-?[\w-]+):(\"[^\"]*\"|\S+)")
_NUMBERED = ("number", "id")

CONTEXT = ("agent", "role", "step", "turn", "resource", "call", "service", "method")
"""What a call's context holds, and `TIMES` besides."""
TIMES = ("timestamp", "argsCount", "hasObjectArgs")
"""Facts that scenario files of elizaOS know."""


@dataclass(frozen=True)
class View:
    """One way to see a call."""

    args: list[Json]
    input: dict[str, Json]
    wire: bool = False
    """It came over HTTP, where a number may be a text and a list a text with commas."""


def views_of(call: MockCall, pattern: Pattern | None = None) -> list[View]:
    """Every view of a call, the plainest first. `pattern` is what a call over HTTP was matched with."""
    if call.http is not None:
        return _wire_views(call, pattern)
    merged = _merged(list(call.args), call.input)
    given: Json = dict(call.input)
    if call.args:
        ways: list[list[Json]] = [[*call.args], *([[*call.args, given]] if call.input else [])]
    elif call.input:
        ways = [[given], [*call.input.values()]]
    else:
        ways = [[]]
    return [View(way, merged) for way in ways]


def _merged(args: list[Json], given: dict[str, Json]) -> dict[str, Json]:
    """The input: all objects among the arguments in one, texts and numbers as `arg0`, `arg1`, then the named ones."""
    made: dict[str, Json] = {}
    for index, item in enumerate(args):
        if isinstance(item, dict):
            made |= item
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            made[f"arg{index}"] = item
    return made | given


def _wire_views(call: MockCall, pattern: Pattern | None) -> list[View]:
    verb, path = call.http or ("", "")
    found = pattern.match(verb, path) if pattern is not None else None
    names = pattern.holes if pattern is not None else ()
    parameters = [_typed(name, value) for name, value in zip(names, found or (), strict=False)]
    given = dict(call.input)
    for name, value in zip(names, parameters, strict=False):
        given.setdefault(name, value)
        if name == "number":
            given.setdefault("issue_number", value)
            given.setdefault("pull_number", value)
    query = call.input.get("q", call.input.get("query"))
    if isinstance(query, str):
        given.setdefault("query", query)
        for name, value in _qualifiers(query).items():
            given.setdefault(name, value)
    ways = [parameters]
    if isinstance(query, str) and not parameters:
        ways = [[query], *([[given["full_name"]]] if "full_name" in given else []), []]
    if names[:2] == ("owner", "repo"):
        ways.append([f"{parameters[0]}/{parameters[1]}", *parameters[2:]])
    if call.input:
        body: Json = dict(call.input)
        ways += [[*way, body] for way in ways]
    return [View(way, given, True) for way in ways]


def _typed(name: str, value: str) -> Json:
    numbered = name.lower().endswith(_NUMBERED)
    return int(value) if numbered and value.isdecimal() and len(value) < 16 and str(int(value)) == value else value


def _qualifiers(query: str) -> dict[str, Json]:
    """What GitHub's search syntax says in a query: `repo:acme/shop is:open label:bug`."""
    found: dict[str, list[str]] = {}
    for name, value in _QUALIFIER.findall(query[:2000]):
        found.setdefault(name.lower(), []).append(value.strip('"'))
    made: dict[str, Json] = {name: values[0] for name, values in found.items() if len(values) == 1}
    if labels := found.get("label"):
        made["labels"] = [*labels]
    if repo := found.get("repo"):
        made["full_name"] = repo[0]
        owner, _, name = repo[0].partition("/")
        made |= {"owner": owner, "repo": name}
    for state in ("open", "closed"):
        if state in found.get("is", []):
            made.setdefault("state", state)
    return made


def context_of(call: MockCall, view: View, method: str, before: int, now: datetime) -> dict[str, Json]:
    """The facts of a call: what the caller said, and what can be seen of it."""
    return {
        "service": call.service,
        "method": method,
        **call.context,
        "call": before,
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
        "argsCount": len(view.args),
        "hasObjectArgs": any(isinstance(item, dict | list) for item in view.args),
    }
