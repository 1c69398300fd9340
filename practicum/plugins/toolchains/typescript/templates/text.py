"""Words of a specification as parts of TypeScript. Hostile text stays text."""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

from practicum.text import printable

_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_WIDTH = 100
_AMBIGUOUS = re.compile(r"__|_\d|_$")


def identifier(name: str, ending: str) -> str:
    """`convert_length` and `Action` are `convertLengthAction`: the ending keeps names off the language's own words."""
    if _AMBIGUOUS.search(name):
        return f"{name}_{ending}"  # in capitals, two such names could become one
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest) + ending


def class_name(name: str, ending: str) -> str:
    """`call_counter` and `Service` are `CallCounterService`."""
    made = identifier(name, ending)
    return made[:1].upper() + made[1:]


def upper(name: str) -> str:
    """`convert_length` is `CONVERT_LENGTH`, which is how elizaOS writes names."""
    return name.upper()


def string(text: str) -> str:
    """A string literal, in ASCII."""
    return json.dumps(text)


def literal(value: JsonValue, indent: int = 0) -> str:
    """The value as an expression, broken into lines when it is long."""
    flat = _flat(value)
    if len(flat) + indent <= _WIDTH or not isinstance(value, list | dict) or not value:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, list):
        lines = [f"{inner}{literal(item, indent + 2)}," for item in value]
        return "\n".join(["[", *lines, " " * indent + "]"])
    lines = [f"{inner}{_key(key)}: {literal(item, indent + 2)}," for key, item in value.items()]
    return "\n".join(["{", *lines, " " * indent + "}"])


def comment(text: str, indent: int = 0) -> str:
    """A documentation comment of one line."""
    return f"{' ' * indent}/** {printable(text).replace('*/', '* /')} */"


def _flat(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)}: {_flat(item)}" for key, item in value.items()) + " }" if value else "{}"
    return json.dumps(value)


def _key(name: str) -> str:
    # "__proto__" without brackets would set the prototype.
    if name == "__proto__":
        return '["__proto__"]'
    return name if _KEY.match(name) else json.dumps(name)
