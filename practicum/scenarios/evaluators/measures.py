"""Limits of what a run, a step or a turn may take: time, tokens, steps, money. All are guards."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from practicum.api.evaluator import Evidence, Finding
from practicum.bus.events import ExchangeCompleted, ModelAnswered, ToolCalled
from practicum.scenarios.evaluators.base import BaseEvaluator
from practicum.scenarios.evaluators.scope import events_of


def within(value: float, least: float | None, most: float | None) -> str:
    """Which bound a value breaks, in words; empty when it holds both."""
    if most is not None and value > most:
        return f"more than {most:g}"
    if least is not None and value < least:
        return f"less than {least:g}"
    return ""


def need_a_bound(least: float | None, most: float | None, names: str) -> None:
    """Refuse a limit without a bound, and one whose bounds exclude everything.

    Raises:
        ValueError: so it is.
    """
    if least is None and most is None:
        raise ValueError(f"one of {names} is needed")
    if least is not None and most is not None and least > most:
        raise ValueError(f"the least, {least:g}, is more than the most, {most:g}")


class ExecutionTime(BaseEvaluator, type="execution_time", kind="guard"):
    """The step, the turn or the run took no longer, and no less."""

    max_duration_ms: float | None = Field(default=None, ge=0)
    min_duration_ms: float | None = Field(default=None, ge=0)
    target_duration_ms: float | None = Field(default=None, ge=0)
    """Reported, not enforced."""

    @model_validator(mode="after")
    def _bounds(self) -> ExecutionTime:
        if self.target_duration_ms is None or self.max_duration_ms is not None or self.min_duration_ms is not None:
            need_a_bound(self.min_duration_ms, self.max_duration_ms, "max_duration_ms, min_duration_ms")
        return self

    async def evaluate(self, evidence: Evidence) -> Finding:
        took = round(1000 * _seconds(evidence), 1)
        broken = within(took, self.min_duration_ms, self.max_duration_ms)
        text = f"{took:g} ms" + (f", {broken} ms" if broken else "")
        details: dict[str, float] = {"duration_ms": took}
        if self.target_duration_ms is not None:
            details |= {"target_ms": self.target_duration_ms, "off_target_ms": round(took - self.target_duration_ms, 1)}
            text += f" (target {self.target_duration_ms:g} ms)"
        return Finding(not broken, text, details=details)


def _seconds(evidence: Evidence) -> float:
    """By a monotonic clock where one was kept."""
    part = evidence.turn or evidence.scope
    if part is not None:
        return part.seconds
    if evidence.steps:
        return (evidence.steps[-1].ended - evidence.steps[0].started).total_seconds()
    if not evidence.events:
        return 0.0
    return float((evidence.events[-1].time - evidence.events[0].time).total_seconds())


class TokenCount(BaseEvaluator, type="token_count", kind="guard"):
    """The agents' models used no more tokens, and no fewer."""

    max_tokens: int | None = Field(default=None, ge=0)
    min_tokens: int | None = Field(default=None, ge=0)
    of: Literal["total", "input", "output"] = "total"
    """`input` has what was read from a cache or written to one."""
    agent: str = ""

    @model_validator(mode="after")
    def _bounds(self) -> TokenCount:
        need_a_bound(self.min_tokens, self.max_tokens, "max_tokens, min_tokens")
        return self

    async def evaluate(self, evidence: Evidence) -> Finding:
        given = written = 0
        for event in events_of(evidence):
            if isinstance(event.body, ModelAnswered) and _is_agent(evidence, event.source, self.agent):
                used = event.body.usage
                given += used.input_tokens + used.cache_read_tokens + used.cache_write_tokens
                written += used.output_tokens
        count = {"input": given, "output": written, "total": given + written}[self.of]
        broken = within(count, self.min_tokens, self.max_tokens)
        what = "tokens" if self.of == "total" else f"{self.of} tokens"
        details = {"input_tokens": given, "output_tokens": written}
        return Finding(not broken, f"{count} {what}" + (f", {broken}" if broken else ""), details=details)


class StepCount(BaseEvaluator, type="step_count", kind="guard"):
    """The agents took no more steps, and no fewer."""

    max_steps: int | None = Field(default=None, ge=0)
    min_steps: int | None = Field(default=None, ge=0)
    of: Literal["answers", "actions"] = "answers"
    """A step is an answer of an agent's model, with all that it does by it; or each action (call of a tool) is one."""
    agent: str = ""

    @model_validator(mode="after")
    def _bounds(self) -> StepCount:
        need_a_bound(self.min_steps, self.max_steps, "max_steps, min_steps")
        return self

    async def evaluate(self, evidence: Evidence) -> Finding:
        wanted = ModelAnswered if self.of == "answers" else ToolCalled
        count = sum(
            isinstance(event.body, wanted) and _is_agent(evidence, event.source, self.agent)
            for event in events_of(evidence)
        )
        broken = within(count, self.min_steps, self.max_steps)
        return Finding(not broken, f"{count} {self.of}" + (f", {broken}" if broken else ""), details={"steps": count})


class Cost(BaseEvaluator, type="cost", kind="guard"):
    """The agents' model calls cost no more, and no less; by the gateway's count."""

    max_usd: float | None = Field(default=None, ge=0)
    min_usd: float | None = Field(default=None, ge=0)
    agent: str = ""

    @model_validator(mode="after")
    def _bounds(self) -> Cost:
        need_a_bound(self.min_usd, self.max_usd, "max_usd, min_usd")
        return self

    async def evaluate(self, evidence: Evidence) -> Finding:
        spent = sum(
            event.body.cost_usd
            for event in events_of(evidence)
            if isinstance(event.body, ExchangeCompleted)
            and event.source not in evidence.team
            and _is_agent(evidence, event.body.agent, self.agent)
        )
        broken = within(round(spent, 9), self.min_usd, self.max_usd)
        text = f"${spent:.4f}" + (f", {broken} dollars" if broken else "")
        return Finding(not broken, text, details={"cost_usd": round(spent, 6)})


def _is_agent(evidence: Evidence, name: str, wanted: str) -> bool:
    return name in evidence.team and (not wanted or name == wanted)
