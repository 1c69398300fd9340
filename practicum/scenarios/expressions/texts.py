"""Methods of texts and of regular expressions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from practicum.scenarios.expressions.convert import to_text
from practicum.scenarios.expressions.methods import Method, arg, span, whole
from practicum.scenarios.expressions.patterns import Found, PatternError, make_pattern
from practicum.scenarios.expressions.values import UNDEFINED, Rule, Value, kind_of

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine


def _text(machine: Machine, this: Value) -> str:
    text = to_text(machine, this)
    machine.charge(len(text) // 16)
    return text


def _word(machine: Machine, values: list[Value], index: int = 0) -> str:
    return to_text(machine, arg(values, index))


def _made(machine: Machine, text: str) -> str:
    machine.charge(len(text))
    return text


def _includes(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _text(machine, this).find(_word(machine, values), max(0, whole(values, 1, 0))) >= 0


def _starts(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _text(machine, this).startswith(_word(machine, values), max(0, whole(values, 1, 0)))


def _ends(machine: Machine, this: Value, values: list[Value]) -> Value:
    text = _text(machine, this)
    return text[: max(0, whole(values, 1, len(text)))].endswith(_word(machine, values))


def _index(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _text(machine, this).find(_word(machine, values), max(0, whole(values, 1, 0)))


def _last_index(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _text(machine, this).rfind(_word(machine, values))


def _split(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, by = _text(machine, this), arg(values, 0)
    machine.charge(len(text))
    if by is UNDEFINED:
        parts = [text]
    elif isinstance(by, Rule):
        parts, start = [], 0
        for found in _all(machine, by, text):
            if found.places[0] == found.places[1] and found.places[0] in (0, len(text)):
                continue
            parts.append(text[start : found.places[0]])
            start = found.places[1]
        parts.append(text[start:])
    else:
        mark = to_text(machine, by)
        parts = text.split(mark) if mark else list(text)
    machine.charge(len(parts))
    return [*parts[: max(0, whole(values, 1, len(parts)))]]


def _slice(machine: Machine, this: Value, values: list[Value]) -> Value:
    text = _text(machine, this)
    start, end = span(values, len(text))
    return _made(machine, text[start:end])


def _substring(machine: Machine, this: Value, values: list[Value]) -> Value:
    text = _text(machine, this)
    ends = sorted(max(0, min(whole(values, index, default), len(text))) for index, default in ((0, 0), (1, len(text))))
    return _made(machine, text[ends[0] : ends[1]])


def _substr(machine: Machine, this: Value, values: list[Value]) -> Value:
    text = _text(machine, this)
    start = whole(values, 0, 0)
    start = max(0, len(text) + start) if start < 0 else start
    return _made(machine, text[start : start + max(0, whole(values, 1, len(text)))])


def _at(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, place = _text(machine, this), whole(values, 0, 0)
    place += len(text) if place < 0 else 0
    return text[place] if 0 <= place < len(text) else UNDEFINED


def _char_at(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, place = _text(machine, this), whole(values, 0, 0)
    return text[place] if 0 <= place < len(text) else ""


def _code_at(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, place = _text(machine, this), whole(values, 0, 0)
    return ord(text[place]) if 0 <= place < len(text) else math.nan


def _concat(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _made(machine, "".join([_text(machine, this), *(to_text(machine, value) for value in values)]))


def _repeat(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, times = _text(machine, this), whole(values, 0, 0)
    if times < 0:
        raise machine.error(".repeat() is asked for less than none")
    machine.charge(len(text) * times)
    return text * times


def _padded(machine: Machine, this: Value, values: list[Value]) -> tuple[str, str]:
    text, fill = _text(machine, this), " " if arg(values, 1) is UNDEFINED else _word(machine, values, 1)
    width = whole(values, 0, 0) - len(text)
    if width <= 0 or not fill:
        return text, ""
    machine.charge(width + len(text))
    return text, (fill * (width // len(fill) + 1))[:width]


def _pad_start(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, fill = _padded(machine, this, values)
    return fill + text


def _pad_end(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, fill = _padded(machine, this, values)
    return text + fill


def _compare(machine: Machine, this: Value, values: list[Value]) -> Value:
    one, other = _text(machine, this), _word(machine, values)
    left, right = (one.casefold(), one.swapcase()), (other.casefold(), other.swapcase())
    return (left > right) - (left < right)


# Regular expressions.


def _all(machine: Machine, rule: Rule, text: str) -> list[Found]:
    """Every place where a rule matches, one after the other."""
    found: list[Found] = []
    at = 0
    while at <= len(text):
        hit = rule.pattern.search(text, at, machine.step)
        if hit is None:
            break
        machine.charge(1)
        found.append(hit)
        at = hit.places[1] + (hit.places[0] == hit.places[1])
    return found


def _groups(machine: Machine, rule: Rule, text: str, found: Found) -> list[Value]:
    groups = [found.group(text, index) for index in range(rule.pattern.groups + 1)]
    machine.charge(sum(1 + len(group or "") for group in groups))
    return [UNDEFINED if group is None else group for group in groups]


def _rule(machine: Machine, values: list[Value]) -> Rule:
    given = arg(values, 0)
    if isinstance(given, Rule):
        return given
    source = to_text(machine, given)
    try:
        return Rule(source, "", make_pattern(source[:500], ""))
    except PatternError as error:
        raise machine.error(f"no regular expression: {error.message}") from error


def _match(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, rule = _text(machine, this), _rule(machine, values)
    if "g" in rule.flags:
        hits: list[Value] = [_groups(machine, rule, text, found)[0] for found in _all(machine, rule, text)]
        return hits or None
    return _exec(machine, rule, [text])


def _match_all(machine: Machine, this: Value, values: list[Value]) -> Value:
    text, rule = _text(machine, this), _rule(machine, values)
    return [_groups(machine, rule, text, found) for found in _all(machine, rule, text)]


def _search(machine: Machine, this: Value, values: list[Value]) -> Value:
    found = _rule(machine, values).pattern.search(_text(machine, this), 0, machine.step)
    return -1 if found is None else found.places[0]


def _test(machine: Machine, this: Value, values: list[Value]) -> Value:
    return isinstance(this, Rule) and this.pattern.search(_word(machine, values), 0, machine.step) is not None


def _exec(machine: Machine, this: Value, values: list[Value]) -> Value:
    if not isinstance(this, Rule):
        return None
    text = _word(machine, values)
    found = this.pattern.search(text, 0, machine.step)
    return None if found is None else _groups(machine, this, text, found)


def _replace(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _replaced(machine, this, values, False)


def _replace_all(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _replaced(machine, this, values, True)


def _replaced(machine: Machine, this: Value, values: list[Value], every: bool) -> str:
    text, what = _text(machine, this), arg(values, 0)
    hits: list[tuple[int, int, list[Value]]] = []
    if isinstance(what, Rule):
        found = _all(machine, what, text)
        for hit in found if every or "g" in what.flags else found[:1]:
            hits.append((hit.places[0], hit.places[1], _groups(machine, what, text, hit)))
    else:
        word, at = to_text(machine, what), text.find(to_text(machine, what))
        while at >= 0:
            hits.append((at, at + len(word), [word]))
            machine.charge(1)
            at = text.find(word, at + max(1, len(word))) if every else -1
    parts, start = list[str](), 0
    for first, last, groups in hits:
        new = _replacement(machine, arg(values, 1), groups)
        machine.charge(len(new))
        parts += [text[start:first], new]
        start = last
    return _made(machine, "".join([*parts, text[start:]]))


def _replacement(machine: Machine, by: Value, groups: list[Value]) -> str:
    if kind_of(by) == "function":
        return to_text(machine, machine.call(by, groups))
    text = to_text(machine, by)
    if "$" not in text:
        return text
    made, at = list[str](), 0
    while at < len(text):
        pair = text[at : at + 2]
        if pair == "$$":
            made.append("$")
        elif pair == "$&":
            made.append(to_text(machine, groups[0]))
        elif pair[:1] == "$" and pair[1:].isdecimal() and 0 < int(pair[1:]) < len(groups):
            group = groups[int(pair[1:])]
            made.append("" if group is UNDEFINED else to_text(machine, group))
        else:
            made.append(text[at])
            at -= 1
        at += 2
    return "".join(made)


TEXT_METHODS: dict[str, Method] = {
    "includes": _includes,
    "startsWith": _starts,
    "endsWith": _ends,
    "indexOf": _index,
    "lastIndexOf": _last_index,
    "toLowerCase": lambda machine, this, values: _made(machine, _text(machine, this).lower()),
    "toUpperCase": lambda machine, this, values: _made(machine, _text(machine, this).upper()),
    "toLocaleLowerCase": lambda machine, this, values: _made(machine, _text(machine, this).lower()),
    "toLocaleUpperCase": lambda machine, this, values: _made(machine, _text(machine, this).upper()),
    "trim": lambda machine, this, values: _made(machine, _text(machine, this).strip()),
    "trimStart": lambda machine, this, values: _made(machine, _text(machine, this).lstrip()),
    "trimEnd": lambda machine, this, values: _made(machine, _text(machine, this).rstrip()),
    "split": _split,
    "slice": _slice,
    "substring": _substring,
    "substr": _substr,
    "at": _at,
    "charAt": _char_at,
    "charCodeAt": _code_at,
    "codePointAt": _code_at,
    "concat": _concat,
    "repeat": _repeat,
    "padStart": _pad_start,
    "padEnd": _pad_end,
    "localeCompare": _compare,
    "match": _match,
    "matchAll": _match_all,
    "search": _search,
    "replace": _replace,
    "replaceAll": _replace_all,
}

RULE_METHODS: dict[str, Method] = {"test": _test, "exec": _exec}
