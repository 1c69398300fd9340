"""Methods of arrays."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from practicum.scenarios.expressions.convert import join, to_text
from practicum.scenarios.expressions.methods import Method, arg, span, whole
from practicum.scenarios.expressions.values import UNDEFINED, Value, as_number, same_value, strictly_equal, truthy

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine


def _list(this: Value) -> list[Value]:
    return this if isinstance(this, list) else []


def _made(machine: Machine, items: list[Value]) -> list[Value]:
    machine.charge(len(items))
    return items


def _each(machine: Machine, this: Value, values: list[Value]) -> Iterator[tuple[int, Value, Value]]:
    """Index, item and what the function says to it. What the function adds to the array is not gone through."""
    machine.charge(len(_list(this)))
    for index, item in enumerate(list(_list(this))):
        yield index, item, machine.call(arg(values, 0), [item, index, this])


def _includes(machine: Machine, this: Value, values: list[Value]) -> Value:
    machine.charge(len(_list(this)) // 4)
    return any(same_value(item, arg(values, 0)) for item in _list(this))


def _index(machine: Machine, this: Value, values: list[Value]) -> Value:
    machine.charge(len(_list(this)) // 4)
    return next((index for index, item in enumerate(_list(this)) if strictly_equal(item, arg(values, 0))), -1)


def _last_index(machine: Machine, this: Value, values: list[Value]) -> Value:
    machine.charge(len(_list(this)) // 4)
    hits = [index for index, item in enumerate(_list(this)) if strictly_equal(item, arg(values, 0))]
    return hits[-1] if hits else -1


def _join(machine: Machine, this: Value, values: list[Value]) -> Value:
    return join(machine, _list(this), "," if arg(values, 0) is UNDEFINED else to_text(machine, arg(values, 0)))


def _slice(machine: Machine, this: Value, values: list[Value]) -> Value:
    start, end = span(values, len(_list(this)))
    return _made(machine, _list(this)[start:end])


def _concat(machine: Machine, this: Value, values: list[Value]) -> Value:
    made = list(_list(this))
    for value in values:
        made += value if isinstance(value, list) else [value]
    return _made(machine, made)


def _map(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _made(machine, [said for _, _, said in _each(machine, this, values)])


def _filter(machine: Machine, this: Value, values: list[Value]) -> Value:
    return [item for _, item, said in _each(machine, this, values) if truthy(said)]


def _some(machine: Machine, this: Value, values: list[Value]) -> Value:
    return any(truthy(said) for _, _, said in _each(machine, this, values))


def _every(machine: Machine, this: Value, values: list[Value]) -> Value:
    return all(truthy(said) for _, _, said in _each(machine, this, values))


def _find(machine: Machine, this: Value, values: list[Value]) -> Value:
    return next((item for _, item, said in _each(machine, this, values) if truthy(said)), UNDEFINED)


def _find_index(machine: Machine, this: Value, values: list[Value]) -> Value:
    return next((index for index, _, said in _each(machine, this, values) if truthy(said)), -1)


def _find_last(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _find(machine, list(reversed(_list(this))), values)


def _for_each(machine: Machine, this: Value, values: list[Value]) -> Value:
    for _ in _each(machine, this, values):
        pass
    return UNDEFINED


def _flat(machine: Machine, this: Value, values: list[Value]) -> Value:
    made = _list(this)
    for _ in range(max(0, min(20, whole(values, 0, 1)))):
        flatter: list[Value] = []
        for item in made:
            inner = item if isinstance(item, list) else [item]
            machine.charge(len(inner))
            flatter += inner
        made = flatter
    return list(made)


def _flat_map(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _flat(machine, _map(machine, this, values), [])


def _reduce(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _folded(machine, list(enumerate(_list(this))), this, values)


def _reduce_right(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _folded(machine, list(reversed(list(enumerate(_list(this))))), this, values)


def _folded(machine: Machine, items: list[tuple[int, Value]], this: Value, values: list[Value]) -> Value:
    machine.charge(len(items))
    if len(values) > 1:
        made = values[1]
    elif items:
        made, items = items[0][1], items[1:]
    else:
        raise machine.error(".reduce() of an empty array needs a value to begin with")
    for index, item in items:
        made = machine.call(arg(values, 0), [made, item, index, this])
    return made


def _push(machine: Machine, this: Value, values: list[Value]) -> Value:
    _list(this).extend(_made(machine, values))
    return len(_list(this))


def _unshift(machine: Machine, this: Value, values: list[Value]) -> Value:
    machine.charge(len(_list(this)))
    _list(this)[:0] = values
    return len(_list(this))


def _pop(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _list(this).pop() if _list(this) else UNDEFINED


def _shift(machine: Machine, this: Value, values: list[Value]) -> Value:
    machine.charge(len(_list(this)) // 16)
    return _list(this).pop(0) if _list(this) else UNDEFINED


def _splice(machine: Machine, this: Value, values: list[Value]) -> Value:
    items = _list(this)
    start, _ = span(values[:1], len(items))
    end = min(len(items), start + max(0, whole(values, 1, len(items))))
    machine.charge(len(items) + len(values))
    taken = items[start:end]
    items[start:end] = values[2:]
    return taken


def _reverse(machine: Machine, this: Value, values: list[Value]) -> Value:
    machine.charge(len(_list(this)))
    _list(this).reverse()
    return this


def _sort(machine: Machine, this: Value, values: list[Value]) -> Value:
    compare, items = arg(values, 0), _list(this)

    def order(one: Value, other: Value) -> int:
        if one is UNDEFINED or other is UNDEFINED:
            return (one is UNDEFINED) - (other is UNDEFINED)
        if compare is not UNDEFINED:
            said = as_number(machine.call(compare, [one, other]))
            return 0 if math.isnan(said) else (said > 0) - (said < 0)
        machine.step()
        left, right = to_text(machine, one), to_text(machine, other)
        return (left > right) - (left < right)

    made = sorted(items, key=functools.cmp_to_key(order))
    items[:] = _made(machine, made)
    return this


def _at(machine: Machine, this: Value, values: list[Value]) -> Value:
    items, place = _list(this), whole(values, 0, 0)
    place += len(items) if place < 0 else 0
    return items[place] if 0 <= place < len(items) else UNDEFINED


def _fill(machine: Machine, this: Value, values: list[Value]) -> Value:
    items = _list(this)
    start, end = span(values[1:], len(items))
    machine.charge(end - start)
    items[start:end] = [arg(values, 0)] * (end - start)
    return this


def _keys(machine: Machine, this: Value, values: list[Value]) -> Value:
    return _made(machine, list(range(len(_list(this)))))


def _entries(machine: Machine, this: Value, values: list[Value]) -> Value:
    machine.charge(2 * len(_list(this)))
    return [[index, item] for index, item in enumerate(_list(this))]


ARRAY_METHODS: dict[str, Method] = {
    "includes": _includes,
    "indexOf": _index,
    "lastIndexOf": _last_index,
    "join": _join,
    "slice": _slice,
    "concat": _concat,
    "map": _map,
    "filter": _filter,
    "some": _some,
    "every": _every,
    "find": _find,
    "findIndex": _find_index,
    "findLast": _find_last,
    "forEach": _for_each,
    "flat": _flat,
    "flatMap": _flat_map,
    "reduce": _reduce,
    "reduceRight": _reduce_right,
    "push": _push,
    "unshift": _unshift,
    "pop": _pop,
    "shift": _shift,
    "splice": _splice,
    "reverse": _reverse,
    "sort": _sort,
    "at": _at,
    "fill": _fill,
    "keys": _keys,
    "entries": _entries,
    "values": lambda machine, this, values: _made(machine, list(_list(this))),
}
