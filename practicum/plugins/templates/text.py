"""Words of a specification as parts of Python code. Hostile text stays text."""

from __future__ import annotations

import builtins
import keyword
import pprint

from pydantic import BaseModel, JsonValue

from practicum.text import printable

_TAKEN = frozenset(
    {
        "Annotated", "Any", "Check", "Field", "Literal", "PluginContext", "PluginError", "action", "actions",
        "arguments", "cast", "context", "error", "evaluator", "given", "math", "plugin", "provider", "re", "result",
        "task",
    }
)  # fmt: skip

WIDTH = 100
"""Columns that a literal may take before it is broken into lines."""


def identifier(name: str) -> str:
    """A name that may stand in the code: one that means something else already gets a `_` behind it."""
    taken = keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name) or name in _TAKEN
    return f"{name}_" if taken or hasattr(BaseModel, name) or name.startswith("_") else name


def class_name(name: str) -> str:
    """`call_counter` is `CallCounter`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) or "Part"


def docstring(*sentences: str, indent: str = "    ") -> str:
    """A docstring of one paragraph a sentence, on lines of its own where there are several."""
    lines = [_quoted(printable(sentence)) for sentence in sentences if sentence.strip()]
    if len(lines) <= 1:
        return f'{indent}"""{_finished(lines[0]) if lines else ""}"""'
    return "\n\n".join([f'{indent}"""{_finished(lines[0])}', *(f"{indent}{line}" for line in lines[1:])]) + (
        f'\n{indent}"""'
    )


def literal(value: JsonValue, indent: int = 0) -> str:
    """The value as a Python expression, broken into lines when it is long."""
    text = repr(value)
    if len(text) + indent <= WIDTH:
        return text
    broken = pprint.pformat(value, width=max(40, WIDTH - indent), sort_dicts=False)
    text = ("\n" + " " * indent).join(broken.splitlines())
    return f"({text})" if text.startswith(("'", '"')) else text  # a long string is broken into adjacent ones


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _finished(text: str) -> str:
    ended = text if text.endswith((".", "!", "?", "\\", '"')) else f"{text}."
    return f"{ended} " if ended.endswith(('"', "\\")) else ended
