"""What can be known of a text before it runs: its names, its methods, its regular expressions."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import fields

from practicum.scenarios.expressions import nodes
from practicum.scenarios.expressions.errors import ExpressionError
from practicum.scenarios.expressions.library import GLOBALS
from practicum.scenarios.expressions.members import METHOD_NAMES
from practicum.scenarios.expressions.patterns import PatternError, make_pattern
from practicum.scenarios.expressions.values import Namespace

GIVEN = ("args", "input", "context")
"""The names that a call gives."""

_DEEPEST = 120


def every_node(tree: nodes.Node, depth: int = 0) -> Iterator[tuple[nodes.Node, int]]:
    """A node and all below it, each with its depth."""
    yield tree, depth
    for field in fields(tree):
        yield from _below(getattr(tree, field.name), depth + 1)


def _below(value: object, depth: int) -> Iterator[tuple[nodes.Node, int]]:
    if isinstance(value, nodes.Node):
        yield from every_node(value, depth)
    elif isinstance(value, tuple):
        for item in value:
            yield from _below(item, depth)


def check(text: str, tree: nodes.Block | nodes.Function) -> None:
    """Hold a tree against what there is.

    Raises:
        ExpressionError: a name, a method or a member does not exist, a regular expression is none, it is too deep. The
            first one in the text.
    """
    found = list(every_node(tree))
    own, keys = _own_names(found), _own_keys(found)
    asked = {id(node.operand) for node, _ in found if isinstance(node, nodes.Unary) and node.operator == "typeof"}
    for node, depth in sorted(found, key=lambda pair: pair[0].at):
        if depth > _DEEPEST:
            raise ExpressionError(text, node.at, "nested too deeply")
        match node:
            case nodes.Name() if node.name not in own | GLOBALS.keys() and id(node) not in asked:
                raise _unknown_name(text, node, own)
            case nodes.Regex():
                _check_pattern(text, node)
            case nodes.Member(of=nodes.Name(name=name), key=str(key)) if name not in own:
                space = GLOBALS.get(name)
                if isinstance(space, Namespace) and key not in space.members:
                    raise _unknown(text, node.at, f"there is no {name}.{key} here", key, list(space.members))
            case nodes.Call(callee=nodes.Member(of=of, key=str(key)) as callee):
                ours = isinstance(of, nodes.Name) and of.name in GLOBALS
                if key not in METHOD_NAMES and key not in keys and not ours:
                    raise _unknown(text, callee.at, f"there is no method .{key}() here", key, sorted(METHOD_NAMES))


def names_used(tree: nodes.Block | nodes.Function) -> set[str]:
    """The names of the call (`args`, `input`, `context`) and of the library that a tree mentions."""
    found = list(every_node(tree))
    used = {node.name for node, _ in found if isinstance(node, nodes.Name)}
    return used | ({"args"} if isinstance(tree, nodes.Function) and tree.parameters else set())


def _own_names(found: list[tuple[nodes.Node, int]]) -> set[str]:
    own = set(GIVEN)
    for node, _ in found:
        if isinstance(node, nodes.Pattern):
            own |= {node.name, node.rest} - {""}
    return own


def _own_keys(found: list[tuple[nodes.Node, int]]) -> set[str]:
    """Keys under which the text itself may keep a function."""
    keys = {node.key for node, _ in found if isinstance(node, nodes.Property) and isinstance(node.key, str)}
    targets = (node.target for node, _ in found if isinstance(node, nodes.Assign))
    return keys | {target.key for target in targets if isinstance(target, nodes.Member) and isinstance(target.key, str)}


def _check_pattern(text: str, node: nodes.Regex) -> None:
    try:
        make_pattern(node.pattern, node.flags)
    except PatternError as error:
        raise ExpressionError(text, node.at + 1 + error.at, f"no regular expression: {error.message}") from error


def _unknown_name(text: str, node: nodes.Name, own: set[str]) -> ExpressionError:
    close = difflib.get_close_matches(node.name, [*GIVEN, *own, *GLOBALS], 1, 0.7)
    hint = f"did you mean {close[0]}? " if close else "put it in quotes if it is a text; "
    known = ", ".join([*GIVEN, *sorted(own - set(GIVEN))])
    return ExpressionError(text, node.at, f"the name {node.name} is not known here", hint=f"{hint}known: {known}")


def _unknown(text: str, at: int, message: str, given: str, known: list[str]) -> ExpressionError:
    close = difflib.get_close_matches(given, known, 1, 0.6)
    hint = f"did you mean {close[0]}?" if close else ""
    if len(known) <= 24:
        hint = f"{hint} known: {', '.join(known)}".strip()
    return ExpressionError(text, at, message, hint=hint)
