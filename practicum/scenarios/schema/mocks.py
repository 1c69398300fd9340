"""What a mock says in a scenario file: which calls it answers, and with what."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from practicum.scenarios.schema.parts import Part
from practicum.scenarios.units import milliseconds

_DEEPEST = 60
"""Levels of lists and mappings in a value; beyond it JSON writers give up."""


def _plain(value: object, depth: int = 0) -> object:
    """What YAML reads as JSON has it: a date is its text, a key is a text, what is no number is null."""
    if depth > _DEEPEST:
        raise ValueError(f"nested more than {_DEEPEST} deep")
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo else f"{value.isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, depth + 1) for item in value]
    return value


def _key(key: object) -> str:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return key if isinstance(key, str) else str(_plain(key))


def _delay(value: object) -> float:
    """`0` is no delay, `250` a quarter of a second, `2s` says its unit. In seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value == 0:
        return 0.0
    if isinstance(value, str) and value.strip().rstrip("ms ") in ("0", "0.0"):
        return 0.0
    return milliseconds(value)


def _error(value: object) -> object:
    """An error that is only a text is its message."""
    return {"message": value} if isinstance(value, str) else value


JsonAnswer = Annotated[JsonValue, BeforeValidator(_plain)]
Delay = Annotated[float, BeforeValidator(_delay)]


class When(Part):
    """Which calls a mock answers. Everything that is given must hold."""

    args: Annotated[list[JsonValue], BeforeValidator(_plain)] | None = None
    """The positional arguments, exactly these."""
    partial_args: Annotated[list[JsonValue], BeforeValidator(_plain)] | None = Field(default=None, alias="partialArgs")
    """The first positional arguments; inside objects, the keys that are given."""
    input: Annotated[dict[str, JsonValue], BeforeValidator(_plain)] | None = None
    """Keys of the call's input (or first object argument) and their values; others may be there too."""
    context: Annotated[dict[str, JsonValue], BeforeValidator(_plain)] | None = None
    """Facts of the call: `agent`, `role`, `step` (from 0), `turn`, `call` (how often this method was called before)."""
    matcher: str | None = None
    """An expression over `args`, `input` and `context`."""


class MockError(Part):
    """The call fails like this."""

    code: str | int = "ERROR"
    message: str = ""
    status: int | None = Field(default=None, ge=0, le=999)
    """HTTP: 400 to 599; 500 when left out."""


class MockMetadata(Part):
    """How the answer comes."""

    delay: Delay | None = None
    """A bare number is milliseconds; seconds once read. `0` is none."""
    probability: float = Field(default=1.0, ge=0, le=1)
    """How likely this mock answers a call that it fits; otherwise the next one that fits does. With an error and an
    answer: how likely it is the error."""
    seed: int | None = None
    """Of that chance; the run's own seed when left out."""


class Mock(Part):
    """One answer in place of a service's. Of several in one mock `error` goes before `responseFn`, that before
    `response`; with a probability, what comes next answers where the error does not come.
    """

    service: str = ""
    """Any name; the service need not exist. Left out: every service that has the method."""
    method: str = Field(min_length=1)
    """`searchIssues`; for a service of the world also `GET /repos/{owner}/{repo}/issues`, or Slack's
    `chat.postMessage`."""
    when: When | None = None
    response: JsonAnswer = None
    response_fn: str | None = Field(default=None, alias="responseFn")
    """A template: an expression over `args`, `input` and `context`, or `return {...}`."""
    error: Annotated[MockError, BeforeValidator(_error)] | None = None
    status: int = Field(default=200, ge=200, le=599)
    """HTTP only: the status of an answer that is no error."""
    metadata: MockMetadata = MockMetadata()
    description: str = ""

    @property
    def answers(self) -> bool:
        """Whether it has an answer beside the error."""
        return self.response_fn is not None or "response" in self.model_fields_set

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, value: Any) -> Any:
        """`when:` with nothing below it says nothing."""
        if not isinstance(value, dict):
            return value
        empty = ("when", "responseFn", "response_fn", "error", "metadata", "service", "description")
        return {key: item for key, item in value.items() if item is not None or key not in empty}
