"""Two runs of one thing, made comparable: what differs each time is replaced by placeholders.

An identifier becomes `<id:1>`, the same one each time it comes up, so that "the pull request just opened" stays
distinguishable from another one. Times and durations become `<time>` and `<duration>` without a number: that two
moments are equal is chance. Meaning is left alone: issue numbers, whole seconds such as a limit of `50s`, versions.
"""

from __future__ import annotations

import hashlib
import operator
import re
from collections.abc import Mapping, Sequence

from pydantic_core import to_json

from practicum.api.model import AssistantMessage, Message, ToolMessage, ToolSpec, UserMessage
from practicum.bus.events import Json

_END = r"(?![A-Za-z0-9_])"
_HEX = r"[0-9a-f]"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"[0-2]\d:[0-5]\d:\d\d(?:[.,]\d+)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_EPOCH = r"(?:1[5-9]\d{8}|2[01]\d{8})"
"""Seconds since 1970 that lie between 2017 and 2039."""
_ALONE = r"(?<![0-9]\.)"
"""Not behind the point of a number or a version."""

_PATTERNS: tuple[tuple[str, str], ...] = (
    # Secrets and what looks like one, first: they may hold anything that follows.
    ("token", r"pracl_[A-Za-z0-9_-]{43}"),
    ("token", r"gh[opsur]_[A-Za-z0-9]{20,}"),
    ("token", r"github_pat_[A-Za-z0-9_]{20,}"),
    ("token", r"xox[a-z]-[A-Za-z0-9-]{10,}"),
    ("token", r"xapp-[A-Za-z0-9-]{10,}"),
    ("token", r"sk-[A-Za-z0-9_-]{16,}"),
    ("token", r"A[KS]IA[A-Z0-9]{16}" + _END),
    ("token", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    ("token", r"(?:(?<=token=)|(?<=state=)|(?<=nonce=)|(?<=signature=)|(?<=Bearer ))[A-Za-z0-9._~+/-]{16,}=*"),
    # Identifiers with a form of their own.
    ("id", rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}" + _END),
    ("id", r"[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}" + _END),
    ("lease", rf"lease-{_HEX}{{12}}" + _END),
    ("run", r"01[0-9A-HJKMNP-TV-Z]{12}" + _END),
    ("id", r"[a-z]{2,8}[_-](?=[A-Za-z]*\d)[A-Za-z0-9]{20,40}" + _END),
    ("id", r"[A-Z]{1,5}_kw[A-Za-z0-9_-]{6,}"),
    ("tmp", r"(?<=/tmp/)[A-Za-z0-9._-]+"),
    # Times: the long forms before those that are parts of them.
    ("time", rf"\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?{_ZONE}" + _END),
    ("time", rf"{_DAY}, \d\d? {_MONTH} \d{{4}} {_CLOCK}{_ZONE}"),
    ("time", rf"{_DAY} {_MONTH} {{1,2}}\d\d? {_CLOCK} \d{{4}}{_ZONE}"),
    ("date", r"20\d\d-[01]\d-[0-3]\d" + _END),
    ("time", _CLOCK + r"(?![:\d])"),
    ("ts", r"1\d{9}\.\d{6}(?!\d|\.\d)"),
    ("time", _ALONE + _EPOCH + r"(?:\d{3}(?:\d{3})?)?(?:\.\d+)?(?![\w-]|\.\d)"),
    ("id", _ALONE + r"[1-9]\d{16,19}(?!\w|\.\d)"),
    # Durations that were measured, not chosen: with a fraction, or shorter than a second, or said to have passed.
    ("duration", _ALONE + r"\d+\.\d+ ?(?:s|secs?|seconds?|min|minutes?|h|hours?)" + _END),
    ("duration", _ALONE + r"\d+(?:\.\d+)? ?(?:ns|us|µs|μs|ms|milliseconds?|microseconds?)" + _END),
    ("duration", r"(?:(?<=\bin )|(?<=\btook )|(?<=\bafter )|(?<=\belapsed ))\d+ ?(?:s|secs?|seconds?)" + _END),
    ("duration", r"(?<=duration_ms )\d+(?:\.\d+)?"),
    # Addresses of this machine.
    ("port", r"(?:(?<=127\.0\.0\.1:)|(?<=localhost:)|(?<=\[::1\]:))\d{2,5}(?!\d)"),
    # Git, long and short; a short one of digits only where git would print it.
    ("sha", rf"{_HEX}{{40}}" + _END),
    ("sha", rf"(?=[a-f]*\d)(?=\d*[a-f]){_HEX}{{7,12}}" + _END),
    ("sha", rf"{_HEX}{{7,12}}(?=\.\.\.?{_HEX}{{7}})"),
    ("sha", rf"(?<=\.\.){_HEX}{{7,12}}" + _END),
    ("sha", rf"(?:(?<=commit )|(?<=Updating )|(?<=now at )){_HEX}{{7,12}}" + _END),
    ("sha", rf"(?<=[A-Za-z0-9/)-] ){_HEX}{{7,12}}(?=\] )"),
    ("id", rf"(?=[a-f]*\d)(?=\d*[a-f])(?:{_HEX}{{16}}|{_HEX}{{24}}|{_HEX}{{32}})" + _END),
    ("sha?", rf"{_HEX}{{7,12}}" + _END),
)
"""Kind and form. `sha?` is a word or a number, unless a commit id that begins like it was seen before."""

_ANY = re.compile(
    "(?<![A-Za-z0-9])(?=[A-Za-z0-9])(?:" + "|".join(f"(?P<k{at}>{one})" for at, (_, one) in enumerate(_PATTERNS)) + ")"
)
"""Where no word begins, one look is enough: this is the cost of every request of every agent."""
_KIND = {f"k{at}": kind for at, (kind, _) in enumerate(_PATTERNS)}

_UNNUMBERED = frozenset({"time", "duration"})

_DURATION_KEYS = re.compile(r"^(?:ms|duration|elapsed|took|latency|run_?time)(?:_(?:ms|s|seconds))?$|_duration_ms$")
_EPOCH_NUMBER = ((1.5e9, 2.2e9), (1.5e12, 2.2e12), (1.5e15, 2.2e15))
"""Seconds, milliseconds and microseconds since 1970, from 2017 to 2039."""


class Canonical:
    """The placeholders given so far in one context. Not shared between contexts that are compared."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        """`known` are exact texts and the name of their placeholder, such as a workspace's path."""
        self._numbers: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._shas: dict[str, str] = {}
        """First seven digits of each commit id seen, to its placeholder."""
        self._known = dict(sorted((known or {}).items(), key=lambda item: -len(item[0])))

    def text(self, text: str) -> str:
        """`text` with everything replaced that differs from run to run."""
        for known, name in self._known.items():
            text = text.replace(known, f"<{name}>")
        return _ANY.sub(self._replace, text)

    def placeholder(self, kind: str, value: str) -> str:
        """The placeholder of one value; numbered by first appearance."""
        if kind in _UNNUMBERED:
            return f"<{kind}>"
        if kind == "sha":
            # A short id and the long one that it begins are the same commit.
            return self._shas.setdefault(value[:7], f"<sha:{len(self._shas) + 1}>")
        found = self._numbers.get((kind, value))
        if found is None:
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            found = self._numbers[kind, value] = f"<{kind}:{number}>"
        return found

    def _replace(self, match: re.Match[str]) -> str:
        kind, value = _kind(match), match.group()
        if kind == "sha?":
            return self._shas.get(value[:7], value)
        return self.placeholder(kind, value)


def canonical(value: Json, table: Canonical) -> Json:
    """`value` with everything replaced that differs from run to run, in texts, numbers and names of members.

    Members of objects come out sorted, so that the order in which they were written does not count.
    """
    match value:
        case str():
            return table.text(value)
        case bool() | None:
            return value
        case int() | float():
            return _number(value, table)
        case list():
            return [canonical(one, table) for one in value]
        case dict():
            return _object(value, table)


def _kind(match: re.Match[str]) -> str:
    return _KIND[match.lastgroup or ""]


def _shape(match: re.Match[str]) -> str:
    kind = _kind(match)
    return match.group() if kind == "sha?" else f"<{kind}>"


def _object(value: dict[str, Json], table: Canonical) -> Json:
    # Sorted by what a name looks like without its placeholder's number: names that are identifiers keep their order.
    shaped = sorted(value.items(), key=lambda item: _ANY.sub(_shape, item[0]))
    out: dict[str, Json] = {}
    for name, member in shaped:
        measured = isinstance(member, int | float) and not isinstance(member, bool) and _is_duration(name, member)
        out[table.text(name)] = "<duration>" if measured else canonical(member, table)
    return out


def _is_duration(name: str, number: float) -> bool:
    if name == "seconds":  # as an argument it is chosen and whole, as a result it is measured and is not
        return number != int(number)
    return _DURATION_KEYS.search(name) is not None


def _number(value: float, table: Canonical) -> Json:
    if any(low <= value < high for low, high in _EPOCH_NUMBER):
        return "<time>"
    if isinstance(value, int) and 10**16 <= value < 10**20:
        return table.placeholder("id", str(value))
    return value


class ContextDigest:
    """SHA-256 over the canonical form of a growing context. Only messages that are new are looked at.

    Vendor parts (`opaque`) and the events behind a user message (`items`, of which `text` is the rendering) do not
    count; ids of calls count by their order only.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._known = known
        self._start("", ())

    def of(self, messages: Sequence[Message], tools: Sequence[ToolSpec], system: str = "") -> str:
        """The digest of the whole context, in hexadecimal.

        Cheap when `messages` begins with those of the last time; otherwise (a context was cut or rewritten) it is
        computed anew.
        """
        head = (system, tuple(tools))
        grown = len(messages) >= len(self._seen) and all(map(operator.is_, self._seen, messages))
        if head != self._head or not grown:
            self._start(*head)
        for message in messages[len(self._seen) :]:
            self._add(_message(message, self._table))
            self._seen.append(message)
        return self._hash.hexdigest()

    def _start(self, system: str, tools: tuple[ToolSpec, ...]) -> None:
        self._head = (system, tools)
        self._table = Canonical(self._known)
        self._hash = hashlib.sha256()
        self._seen: list[Message] = []
        self._add(self._table.text(system))
        # A tool's schema is code, not talk: nothing in it differs from run to run.
        self._add([[tool.name, tool.description, tool.schema] for tool in tools])

    def _add(self, value: Json) -> None:
        self._hash.update(to_json(value))
        self._hash.update(b"\n")


def digest_context(messages: Sequence[Message], tools: Sequence[ToolSpec], system: str = "") -> str:
    """The digest of one context, once. For one that grows, keep a `ContextDigest`."""
    return ContextDigest().of(messages, tools, system)


def digest_tools(tools: Sequence[ToolSpec]) -> str:
    """SHA-256 over the tools as a model sees them, in hexadecimal."""
    return hashlib.sha256(to_json([[tool.name, tool.description, tool.schema] for tool in tools])).hexdigest()


def _message(message: Message, table: Canonical) -> Json:
    match message:
        case UserMessage():
            return ["user", table.text(message.text)]
        case AssistantMessage():
            calls: list[Json] = [
                [table.placeholder("call", call.id), call.tool, canonical(call.args, table), call.invalid != ""]
                for call in message.calls
            ]
            return ["assistant", table.text(message.text), calls]
        case ToolMessage():
            results: list[Json] = [
                [table.placeholder("call", one.call), one.ok, canonical(one.content, table)] for one in message.results
            ]
            return ["tool", results]
