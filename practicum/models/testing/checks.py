"""What both vendors' requests are held to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from practicum.api.model import ToolSpec
from practicum.errors import MissingExtraError
from practicum.models.testing.refusal import RefusedError

TOOL_CALL_ID = re.compile(r"[A-Za-z0-9_-]+")


def check_fields(value: Mapping[str, Any], known: Iterable[str], required: Iterable[str], place: str = "") -> None:
    """Refuse unknown members and missing ones."""
    for name in required:
        if name not in value:
            raise RefusedError(f"{place}{name}: Field required", param=name)
    for name in value.keys() - set(known):
        raise RefusedError(f"{place}{name}: Extra inputs are not permitted", param=name)


def check_schema(schema: Any, message: str) -> None:
    """Refuse what is not a JSON Schema (draft 2020-12) of an object.

    Raises:
        RefusedError: with `message` and the reason.
        MissingExtraError: jsonschema is not installed.
    """
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise RefusedError(f'{message}: it must be of type "object"', code="invalid_function_parameters")
    problem = _problem(json.dumps(schema, sort_keys=True))
    if problem:
        raise RefusedError(f"{message}: {problem}", code="invalid_function_parameters")


@lru_cache(maxsize=1024)
def _problem(schema: str) -> str:
    """Why a schema is none; empty when it is one. Every request brings all tools again: 5 ms each are paid once."""
    jsonschema = _jsonschema()
    try:
        jsonschema.Draft202012Validator.check_schema(json.loads(schema))
    except jsonschema.SchemaError as error:
        return str(error.message)
    return ""


def broken_rule(tool: ToolSpec, args: Mapping[str, Any]) -> str:
    """How arguments break a tool's schema; empty when they do not."""
    found = _jsonschema().Draft202012Validator(tool.schema).iter_errors(args)
    return "; ".join(f"{error.json_path}: {error.message}" for error in found)


def parsed(text: str) -> Any:
    """A result as a policy wants it: JSON where it is JSON, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _jsonschema() -> Any:
    try:
        import jsonschema
    except ModuleNotFoundError as error:
        raise MissingExtraError("the model server for tests", "testing") from error
    return jsonschema
