"""Whether a workflow listens to what happened: `on` and its filters."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from practicum.bus.events import Json
from practicum.world.actions.workflow import EventFilter
from practicum.world.service import WorkflowTrigger

DEFAULT_PULL_REQUEST_TYPES = ("opened", "synchronize", "reopened")

ChangedFiles = Callable[[], Awaitable[Sequence[str] | None]]
"""The paths that a push or pull request changes; None when that cannot be told (then every filter matches)."""


def matches_pattern(pattern: str, value: str) -> bool:
    """GitHub's filter patterns: `*` (not `/`), `**`, `?` and `+` on the character before, `[]`."""
    return re.fullmatch(_to_regex(pattern), value) is not None


def passes(patterns: Sequence[str], value: str) -> bool:
    """Whether `value` is let in by patterns read in order, `!` taking out again."""
    inside = False
    for pattern in patterns:
        if pattern.startswith("!"):
            inside = inside and not matches_pattern(pattern[1:], value)
        else:
            inside = inside or matches_pattern(pattern, value)
    return inside


async def listens(filters: Sequence[EventFilter], trigger: WorkflowTrigger, changed: ChangedFiles) -> bool:
    """Whether any of a workflow's filters asks for this event."""
    for item in filters:
        if item.event == trigger.event and await _fits(item, trigger, changed):
            return True
    return False


async def _fits(item: EventFilter, trigger: WorkflowTrigger, changed: ChangedFiles) -> bool:
    if trigger.event == "workflow_dispatch":
        return True
    action = trigger.payload.get("action")
    if trigger.event == "release":
        return not item.types or action in item.types
    if trigger.event == "pull_request":
        if action not in (item.types or DEFAULT_PULL_REQUEST_TYPES):
            return False
        if not _name_fits(item.branches, item.branches_ignore, _base_branch(trigger)):
            return False
    elif not _push_fits(item, trigger):
        return False
    return await _paths_fit(item, trigger, changed)


def _push_fits(item: EventFilter, trigger: WorkflowTrigger) -> bool:
    about_branches = bool(item.branches or item.branches_ignore)
    about_tags = bool(item.tags or item.tags_ignore)
    if trigger.ref.startswith("refs/tags/"):
        if about_branches and not about_tags:
            return False
        return _name_fits(item.tags, item.tags_ignore, trigger.ref.removeprefix("refs/tags/"))
    if about_tags and not about_branches:
        return False
    return _name_fits(item.branches, item.branches_ignore, trigger.ref.removeprefix("refs/heads/"))


def _name_fits(wanted: Sequence[str], ignored: Sequence[str], name: str) -> bool:
    if wanted:
        return passes(wanted, name)
    return not (ignored and passes(ignored, name))


async def _paths_fit(item: EventFilter, trigger: WorkflowTrigger, changed: ChangedFiles) -> bool:
    if not (item.paths or item.paths_ignore) or trigger.ref.startswith("refs/tags/"):
        return True
    files = await changed()
    if files is None:
        return True
    if item.paths:
        return any(passes(item.paths, name) for name in files)
    return any(not passes(item.paths_ignore, name) for name in files)


def _base_branch(trigger: WorkflowTrigger) -> str:
    value: Json = dict(trigger.payload)
    for key in ("pull_request", "base", "ref"):
        value = value.get(key) if isinstance(value, dict) else None
    return str(value or "")


def _to_regex(pattern: str) -> str:
    out: list[str] = []
    at = 0
    quantified = False  # two quantifiers in a row mean something else to Python
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            # `**/` also matches no folder at all: `**/a.py` is `a.py` too.
            wide = pattern.startswith("**/", at)
            out.append("(?:.*/)?" if wide else ".*")
            at += 3 if wide else 2
            quantified = True
            continue
        if char == "*":
            out.append("[^/]*")
        elif char in "?+" and out and not quantified:
            out.append(char)
            quantified = True
            at += 1
            continue
        elif char == "[" and (end := pattern.find("]", at + 1)) > at + 1:
            body = pattern[at + 1 : end].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
            out.append(f"[{body}]")
            at = end
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            out.append(re.escape(pattern[at]))
        else:
            out.append(re.escape(char))
        quantified = char == "*"
        at += 1
    return "".join(out)
