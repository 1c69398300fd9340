"""Secrets, or what looks like one, in a plugin's files."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator

from practicum.plugins.pipeline.result import Problem

_SHAPES: dict[str, re.Pattern[str]] = {
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})"),
    "a token of GitLab": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "a token of Slack": re.compile(r"\bx(?:ox[abeprs]|app)-[A-Za-z0-9-]{20,}"),
    "a token of Discord": re.compile(r"\b[MNO][A-Za-z0-9_-]{22,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    "a key of a model vendor": re.compile(r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{30,}"),
    "a key of Google": re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    "a key of Stripe": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    "a token of a package index": re.compile(r"\b(?:pypi-[A-Za-z0-9_-]{50,}|npm_[A-Za-z0-9]{36})"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    "an address with a password": re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@{}]+:[^\s/@{}]{6,}@"),
}
_TELLING = re.compile(r"(?:api_?key|secret|token|passw(?:or)?d|credential|private_?key|auth)", re.IGNORECASE)
_SHORTEST = 20
_BITS = 3.5
"""Shannon entropy for each character, above which a text is no word."""


def secrets_in(text: str, file: str) -> Iterator[Problem]:
    """Each line that holds one; the message never repeats it."""
    for number, line in enumerate(text.splitlines(), 1):
        for what, shape in _SHAPES.items():
            if shape.search(line):
                yield Problem(f"holds what looks like {what}", file, number, "review:secret")
    if file.endswith(".py"):
        yield from _assigned(text, file)


def _assigned(text: str, file: str) -> Iterator[Problem]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=ast.Constant(value=str(value))
            ):
                pass
            case ast.AnnAssign(
                target=ast.Name(id=name) | ast.Attribute(attr=name), value=ast.Constant(value=str(value))
            ):
                pass
            case ast.keyword(arg=str(name), value=ast.Constant(value=str(value))):
                pass
            case _:
                continue
        if _TELLING.search(name) and _random(value):
            line = getattr(node.value, "lineno", 0)
            yield Problem(f"{name} holds what looks like a secret", file, line, "review:secret")


def _random(value: str) -> bool:
    if len(value) < _SHORTEST or " " in value or not any(char.isdigit() for char in value):
        return False
    counts = Counter(value)
    bits = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    return bits >= _BITS
