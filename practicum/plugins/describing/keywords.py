"""A description to a specification by keywords. It finds what there should be, not how it works, and says so."""

from __future__ import annotations

import re
from typing import Any

from practicum.errors import UsageError
from practicum.plugins.specification import PluginSpecification
from practicum.text import printable

_VERBS = (
    "add", "analyze", "announce", "build", "calculate", "check", "classify", "close", "compare", "compute",
    "convert", "count", "create", "decode", "delete", "detect", "download", "draft", "encode", "estimate", "export",
    "extract", "fetch", "filter", "find", "format", "generate", "get", "import", "list", "look", "measure", "notify",
    "open", "parse", "post", "predict", "publish", "query", "read", "remove", "rename", "report", "resize",
    "reverse", "rotate", "schedule", "search", "send", "shorten", "sort", "split", "store", "subscribe", "summarize",
    "tag", "transform", "translate", "update", "upload", "validate", "verify", "write",
)  # fmt: skip
_ONCE = frozenset({"announce", "create", "delete", "notify", "post", "publish", "remove", "rename", "send", "upload"})
_READ = frozenset({"calculate", "check", "compute", "convert", "count", "fetch", "find", "get", "list", "look", "query",
                   "read", "search"})  # fmt: skip
_STOP = frozenset((
    "a", "an", "the", "this", "that", "these", "those", "it", "its", "of", "in", "on", "at", "by", "to", "from",
    "for", "with", "into", "and", "or", "as", "all", "any", "each", "every", "some", "our", "my", "your", "their",
    "which", "who", "whom", "whose", "when", "where", "if", "then", "than", "so", "up", "out", "over", "about",
    "between", "per", "new", "given", "whether", "plugin", "agents", "agent", "users", "user", "people", "everybody",
    "them", "they",
))  # fmt: skip
_UNITS = {"second": "s", "minute": "m", "hour": "h", "day": "d"}
_EVERY = re.compile(r"\bevery\s+(?:(\d+)\s+)?(second|minute|hour|day)s?\b|\b(hourly|daily|nightly|weekly)\b", re.I)
_FIXED = {"hourly": "0 * * * *", "daily": "0 0 * * *", "nightly": "0 0 * * *", "weekly": "0 0 * * 0"}
_SECRET = re.compile(
    r"\b(?:an?\s+|the\s+|its\s+|our\s+)?((?:[A-Za-z][\w.]*\s+){0,2}?)(API|access|auth|bot|secret)?[\s-]?"
    r"(key|token|password|secret)\b",
    re.I,
)
_HOST = re.compile(r"\b(?:https?://)?((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|ai|example|test))\b", re.I)


def specification_by_keywords(text: str, *, name: str = "") -> tuple[PluginSpecification, list[str]]:
    """A specification, and what is missing in it: verbs are actions, `every 5 minutes` a task, `API key` a variable.

    How an action works is never guessed, so a plugin from templates for it fails until somebody adds a formula or
    examples.

    Raises:
        UsageError: there is nothing in it that a plugin could be or do.
    """
    plain = " ".join(text.split())
    if not plain:
        raise UsageError("the description is empty", hint="say in a sentence what the plugin should do")
    found: dict[str, Any] = {"description": printable(plain, 500)}
    actions = _actions(plain)
    tasks = _tasks(plain, actions)
    found["actions"] = actions
    found["tasks"] = tasks
    lower = plain.lower()
    if re.search(r"\b(tells? agents|agents (?:should )?know|context|reminds? agents|background)\b", lower):
        found["providers"] = [{"name": "facts", "description": printable(plain, 200)}]
    keeps = next((kind for kind in ("counter", "cache", "queue") if re.search(rf"\b{kind}s?\b", lower)), "")
    if keeps:
        found["services"] = [{"name": keeps, "description": f"Keeps a {keeps}.", "keeps": keeps}]
    if re.search(r"\b(evaluat\w+|scores?|judges?|grades?|rates)\b", lower):
        found["evaluators"] = [{"name": "is_good", "description": printable(plain, 200)}]
    secrets = _secrets(plain)
    hosts = list(dict.fromkeys(match[1].lower() for match in _HOST.finditer(plain)))
    found["environment"] = secrets
    found["hosts"] = hosts
    online = bool(hosts) or re.search(r"\b(api|http|https|web|website|internet|online|endpoint)\b", lower) is not None
    capabilities = [("net", online), ("env", bool(secrets)), ("secrets", bool(secrets))]
    found["capabilities"] = [name for name, holds in capabilities if holds]
    if not any(found.get(kind) for kind in ("actions", "tasks", "providers", "services", "evaluators")):
        raise UsageError(
            "no word of the description says what the plugin should do",
            hint=f"use verbs such as {', '.join(_VERBS[:6])}, or give a model",
        )
    found["name"] = name or _name(plain, actions)
    spec = PluginSpecification.model_validate(found)
    return spec, _missing(spec)


def _actions(text: str) -> list[dict[str, Any]]:
    """Each clause with a verb that is known: `convert miles to kilometers` is `convert_miles_kilometers`."""
    actions: dict[str, dict[str, Any]] = {}
    for clause in re.split(r"[.;,!?](?=\s|$)|\band\b|\bthen\b|\bthat\b|\bwhich\b", text, flags=re.I):
        words = re.findall(r"[A-Za-z][A-Za-z0-9]*", clause.lower())
        at = next((index for index, word in enumerate(words) if _verb(word)), None)
        if at is None:
            continue
        verb = _verb(words[at])
        rest = [word for word in words[at + 1 :] if word not in _STOP and word not in _UNITS and len(word) > 1][:2]
        called = "_".join([verb, *rest])[:50].strip("_")
        effect = "once" if verb in _ONCE else "read" if verb in _READ else "idempotent"
        actions.setdefault(
            called,
            {"name": called, "description": printable(clause.strip(), 200).capitalize() or called, "effect": effect},
        )
    return list(actions.values())[:8]


def _verb(word: str) -> str:
    """The verb in its plain form; empty for other words."""
    for form in (word, word.removesuffix("s"), word.removesuffix("es"), f"{word.removesuffix('ies')}y"):
        if form in _VERBS:
            return form
    return ""


def _tasks(text: str, actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = []
    for match in _EVERY.finditer(text):
        if match[3]:
            schedule = _FIXED[match[3].lower()]
        else:
            count, unit = int(match[1] or 1), match[2].lower()
            schedule = f"every {max(count, 1)}{_UNITS[unit]}"
        name = re.sub(r"\W+", "_", match[0].lower())
        if all(task["name"] != name for task in tasks):
            calls = actions[0]["name"] if actions else ""
            tasks.append({"name": name, "description": match[0].capitalize(), "schedule": schedule, "calls": calls})
    return tasks[:3]


def _secrets(text: str) -> list[dict[str, Any]]:
    """`a Weather API key` is `WEATHER_API_KEY`, required and sensitive."""
    found: dict[str, dict[str, Any]] = {}
    for match in _SECRET.finditer(text):
        owner = [
            word for word in re.findall(r"[A-Za-z0-9]+", match[1]) if word.lower() not in {*_STOP, "needs", "uses"}
        ]
        words = [*owner[-1:], *([match[2]] if match[2] else []), match[3]]
        if len(words) < 2:
            words = ["API", *words]
        name = "_".join(words).upper()
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            told = printable(match[0], 100).strip()
            found.setdefault(name, {"name": name, "description": told, "required": True, "sensitive": True})
    return list(found.values())[:4]


def _name(text: str, actions: list[dict[str, Any]]) -> str:
    if actions:
        return str(actions[0]["name"]).replace("_", "-")[:40].strip("-")
    words = [word for word in re.findall(r"[a-z][a-z0-9]*", text.lower()) if word not in _STOP][:3]
    return "-".join(words)[:40].strip("-") or "plugin"


def _missing(spec: PluginSpecification) -> list[str]:
    """What only somebody who knows can add."""
    notes = [f"action {one.name}: its parameters, and a formula or examples" for one in spec.actions]
    notes += [f"provider {one.name}: its text" for one in spec.providers]
    notes += [f"evaluator {one.name}: a pattern or examples" for one in spec.evaluators]
    if "net" in spec.capabilities and not spec.hosts:
        notes.append("hosts: the names that it reaches")
    return notes
