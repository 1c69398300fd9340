"""A conversation between a simulated user and an agent."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

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


class UserSimulator(Part):
    """Who the agent talks with: played by a model, or by a script of lines when there is none."""

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
    """`TEXT_LARGE` and the like, from older files: which of the run's models is meant, by `--model TEXT_LARGE=...`."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0)
    script: tuple[str, ...] | None = None
    """The user's lines, in order, after the first; no model is needed. `{{ agent }}` stands for the agent's last words;
    a line `when /PATTERN/: text` is said only after an answer that fits."""


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
    solution or an escalation, both for the rest; `speaker` says otherwise."""
    speaker: Literal["", "user", "agent", "both"] = ""
    llm_judge: ConditionJudge | None = None


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
