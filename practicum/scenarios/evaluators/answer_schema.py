"""A JSON Schema of the scenario's own for the judge's answer, and what an answer in that form comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from practicum.bus.events import Json
from practicum.errors import MissingExtraError
from practicum.scenarios.evaluators.asking import Object, need_score, need_yes_or_no
from practicum.scenarios.evaluators.expected import Expectation
from practicum.scenarios.evaluators.patterns import compiled, search

JUDGMENTS = ("judgment", "judgement", "answer", "verdict", "result", "decision", "passed", "level")
SCORES = ("score", "rating", "value")
CONFIDENCES = ("confidence", "certainty", "probability")
"""Properties that say what the judge decided. A confidence is one in the judgment beside it."""


def check_schema(schema: Mapping[str, Any]) -> None:
    """Refuse a schema that is none, or that leads outside itself.

    Raises:
        ValueError: so it is.
        MissingExtraError: jsonschema is not installed.
    """
    made = _validator(schema)
    from jsonschema.exceptions import SchemaError

    try:
        made.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"not a JSON Schema: {error.message}") from error
    for key, value in _walk(schema):
        if key in ("$ref", "$dynamicRef") and not str(value).startswith("#"):
            raise ValueError(f"{key} may only lead inside the schema, not to {value!r}")
        if key == "pattern" and isinstance(value, str):
            compiled(value)


def asked_beside(schema: Mapping[str, Any], expectation: Expectation) -> str:
    """The property that the judge is asked for besides, where none of the schema's says what it decides; else empty."""
    known = schema.get("properties")
    names = set(known) if isinstance(known, Mapping) else set()
    if names & {*(SCORES + CONFIDENCES if expectation.kind == "score" else JUDGMENTS + SCORES)}:
        return ""
    return {"score": "score", "level": "level"}.get(expectation.kind, "judgment")


def read_by(schema: Mapping[str, Any], expectation: Expectation, answer: Object) -> bool | float | str:
    """What an answer comes to: a yes or no, a score, or a level.

    Raises:
        ValueError: it is not valid, or does not say.
    """
    from jsonschema.exceptions import ValidationError

    beside = asked_beside(schema, expectation)
    try:
        _validator(schema).validate({name: value for name, value in answer.items() if name != beside})
    except ValidationError as error:
        place = "/".join(str(part) for part in error.absolute_path)
        raise ValueError(f"{place + ': ' if place else ''}{error.message[:200]}") from error
    judgment = next((answer[name] for name in JUDGMENTS if name in answer), None)
    if expectation.kind == "score":
        return _score(answer, judgment)
    if expectation.kind == "level":
        return need_level(judgment, expectation.levels)
    if judgment is not None:
        return need_yes_or_no(judgment, "the judgment")
    return _score(answer, None) >= 0.5


def need_level(value: Json, levels: tuple[str, ...]) -> str:
    """The name of a level.

    Raises:
        ValueError: it is none.
    """
    plain = str(value).strip().lower()
    found = next((level for level in levels if level.lower() == plain), None)
    if found is None:
        raise ValueError(f"the level has to be one of {', '.join(levels)}, not {json.dumps(value)[:60]}")
    return found


def _score(answer: Object, judgment: Json) -> float:
    for name in SCORES:
        if name in answer:
            return need_score(answer[name])
    for name in CONFIDENCES:
        if name in answer:
            sure = need_score(answer[name])
            # "No, and I am sure of it" is a low score, not a high one.
            return sure if judgment is None or need_yes_or_no(judgment, "the judgment") else round(1 - sure, 9)
    raise ValueError("no score")


def _validator(schema: Mapping[str, Any]) -> Any:
    """A validator that fetches nothing, and whose patterns cannot go on for ever."""
    try:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import ValidationError
        from jsonschema.validators import extend, validator_for
        from referencing import Registry
    except ImportError as error:
        raise MissingExtraError("json_schema of llm_judge", "testing") from error

    def pattern(validator: Any, wanted: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and search(wanted, value) is None:
            yield ValidationError(f"{value[:80]!r} does not fit {wanted!r}")

    kind = validator_for(schema, default=Draft202012Validator)
    made: Any = extend(kind, {"pattern": pattern})  # type: ignore[no-untyped-call]
    return made(schema, registry=Registry())


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a schema with its value, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key), inner
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)
