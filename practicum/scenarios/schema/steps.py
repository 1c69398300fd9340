"""What happens in a run, one thing after the other."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from practicum.scenarios.schema.conversation import Conversation
from practicum.scenarios.schema.parts import Milliseconds, Name, Part, Seconds

StepKind = Literal["input", "code", "conversation", "say"]


class Say(Part):
    """Somebody outside the team writes in a channel."""

    service: Literal["slack", "discord"]
    channel: Name
    user: Name
    text: str = Field(min_length=1)


class Step(Part):
    """One thing that happens."""

    name: str = ""
    description: str = ""
    input: str = ""
    """Given to an agent, as a user would."""
    to: Name | None = None
    """To which; the first of the team when left out."""
    code: str = ""
    """Executed in the environment."""
    lang: str = "bash"
    """Of `code`: bash, sh, python, javascript, or another whose interpreter is there."""
    conversation: Conversation | None = None
    """Goes on from `input`, turn by turn."""
    say: Say | None = None
    after: str = ""
    """A change to wait for, such as `github.issue.opened`; at once when left out."""
    timeout: Seconds | None = None
    timeout_ms: Milliseconds | None = None
    """The same, as older files write it: a bare number is milliseconds."""
    evaluations: tuple[dict[str, Any], ...] = ()
    """Looked at when the step is over; they see this step only."""

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        given = [name for name in ("input", "code", "say") if getattr(self, name)]
        if len(given) != 1:
            said = " and ".join(given) if given else "nothing"
            raise ValueError(f"a step needs one of input, code or say; here is {said}")
        if self.conversation is not None and not self.input:
            raise ValueError("a conversation begins with the step's input")
        return self

    @property
    def kind(self) -> StepKind:
        """What it is."""
        if self.code:
            return "code"
        if self.say is not None:
            return "say"
        return "conversation" if self.conversation is not None else "input"

    @property
    def time_s(self) -> float | None:
        """How long it may take, in seconds; None where the file does not say."""
        return self.timeout if self.timeout is not None else self.timeout_ms
