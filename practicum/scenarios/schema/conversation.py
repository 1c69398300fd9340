"""A conversation between a simulated user and an agent."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from practicum.scenarios.schema.parts import Milliseconds, Part

TerminationType = Literal[
    "user_expresses_satisfaction",
    "agent_provides_solution",
    "conversation_stuck",
    "escalation_needed",
    "goal_achieved",
    "max_turns_reached",
    "custom_condition",
]


_WHEN = re.compile(r"when\s+/((?:\\.|[^/\\])+)/([ims]*)\s*:\s*(.*)", re.DOTALL)


class ScriptLine(NamedTuple):
    """What a simulated user says, and to which answer."""

    text: str
    pattern: str = ""
    """Empty: whatever the agent answered."""
    flags: str = ""


def read_line(line: str) -> ScriptLine:
    """A line of a script.

    Raises:
        ValueError: it begins like `when /PATTERN/: text` and is none, or the pattern is no regular expression.
    """
    if re.match(r"when\s+/", line) is None:
        return ScriptLine(line)
    found = _WHEN.fullmatch(line.strip())
    if found is None or not found[3]:
        raise ValueError(f"{line!r} is not a condition; write: when /PATTERN/: text")
    # Imported only where a script has such a line: all evaluators stand in that package.
    from practicum.scenarios.evaluators.patterns import compiled

    compiled(found[1], found[2])
    return ScriptLine(found[3], found[1], found[2])


class UserSimulator(Part):
    """Who the agent talks with: played by a model, by a script of lines, or by a scripted persona."""

    persona: str = ""
    objective: str = ""
    style: str = ""
    constraints: tuple[str, ...] = ()
    emotional_state: str = ""
    knowledge_level: str = ""
    """`beginner`, `intermediate`, `expert`, or in words."""
    model: str = ""
    """`anthropic/NAME` or `openai/NAME`; `--model user=...` else, else the judge's."""
    model_type: str = ""
    """`TEXT_LARGE` and the like, from older files: a class of models. It is kept, and has no effect here."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0)
    script: tuple[str, ...] | None = None
    """The user's lines, in order, after the first; no model is needed. `{{ agent }}` stands for the agent's last words;
    a line `when /PATTERN/: text` is said only after an answer that fits, and waits its turn until one does."""
    seed: int = 0
    """Of a scripted persona, which needs neither model nor script: another number, other words for the same."""

    @field_validator("script")
    @classmethod
    def _lines(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for line in value or ():
            if not line.strip():
                raise ValueError("a line of the script is empty")
            read_line(line)
        return value


class ConditionJudge(Part):
    """A model decides whether the condition holds."""

    prompt: str = Field(min_length=1)
    threshold: float = Field(default=0.7, ge=0, le=1)
    model: str = ""


class Termination(Part):
    """When the conversation is over before its last turn."""

    type: TerminationType
    description: str = ""
    keywords: tuple[str, ...] = ()
    """Looked for in the words of whoever the condition is about: the user's for satisfaction, the agent's for a
    solution, both for the rest; `speaker` says otherwise. Each condition has its own when none are given."""
    speaker: Literal["", "user", "agent", "both"] = ""
    exchanges: int = Field(default=2, ge=1, le=50)
    """`conversation_stuck` only: for how many exchanges nobody has said anything new."""
    llm_judge: ConditionJudge | None = None

    @model_validator(mode="after")
    def _can_hold(self) -> Termination:
        if any(not keyword.strip() for keyword in self.keywords):
            raise ValueError("a keyword is empty")
        if self.type == "custom_condition" and not (self.keywords or self.llm_judge or self.description):
            raise ValueError("a custom_condition needs llm_judge, keywords or a description to judge by")
        return self


class DebugOptions(Part):
    """What is kept beside the record."""

    log_user_simulation: bool = False
    log_turn_decisions: bool = False
    export_full_transcript: bool = False


class Conversation(Part):
    """Turns between a simulated user and the agent, beginning with the step's input."""

    max_turns: int = Field(default=10, gt=0, le=200)
    timeout_per_turn_ms: Milliseconds = 60.0
    """Seconds once read; a bare number in the file is milliseconds."""
    total_timeout_ms: Milliseconds | None = None
    user_simulator: UserSimulator = UserSimulator()
    termination_conditions: tuple[Termination, ...] = ()
    turn_evaluations: tuple[dict[str, Any], ...] = ()
    """Looked at after each turn."""
    final_evaluations: tuple[dict[str, Any], ...] = ()
    """Looked at when the conversation is over."""
    debug_options: DebugOptions = DebugOptions()
