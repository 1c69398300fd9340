"""What a mock says in a scenario file: which calls it answers, and with what."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from practicum.scenarios.schema.parts import Milliseconds, Part


class When(Part):
    """Which calls a mock answers. Everything that is given must hold."""

    args: list[Any] | None = None
    """The positional arguments, exactly these."""
    partial_args: list[Any] | None = Field(default=None, alias="partialArgs")
    """The first positional arguments; inside objects, the keys that are given."""
    input: dict[str, Any] | None = None
    """Keys of the call's input (or first object argument) and their values; others may be there too."""
    context: dict[str, Any] | None = None
    """Facts of the call: `agent`, `role`, `step` (from 0), `turn`, `call` (how often this method was called before)."""
    matcher: str | None = None
    """An expression over `args`, `input` and `context`."""


class MockError(Part):
    """The call fails like this."""

    code: str | int = "ERROR"
    message: str = ""
    status: int | None = Field(default=None, ge=400, le=599)


class MockMetadata(Part):
    """How the answer comes."""

    delay: Milliseconds | None = None
    """A bare number is milliseconds."""
    probability: float = Field(default=1.0, ge=0, le=1)
    """How likely this mock answers a call that it fits; otherwise the next one that fits does."""
    seed: int | None = None
    """Of that chance; the run's own seed when left out."""


class Mock(Part):
    """One answer in place of a service's."""

    service: str = ""
    """Any name; the service need not exist. Left out: every service that has the method."""
    method: str = Field(min_length=1)
    """`searchIssues`; for a service of the world also `GET /repos/{owner}/{repo}/issues`, or Slack's
    `chat.postMessage`."""
    when: When | None = None
    response: Any = None
    response_fn: str | None = Field(default=None, alias="responseFn")
    """A template: an expression over `args`, `input` and `context`, or `return {...}`."""
    error: MockError | None = None
    status: int = Field(default=200, ge=200, le=599)
    """HTTP only: the status of an answer that is no error."""
    metadata: MockMetadata = MockMetadata()
    description: str = ""

    @model_validator(mode="after")
    def _one_answer(self) -> Mock:
        given = [name for name in ("response_fn", "error") if getattr(self, name) is not None]
        if "response" in self.model_fields_set:
            given.append("response")
        if len(given) > 1:
            raise ValueError(f"a mock gives one answer, here are {len(given)}: {', '.join(given)}")
        return self
