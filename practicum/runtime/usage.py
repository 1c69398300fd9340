"""Who used what: folds over a run's events."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.bus.event import Event
from practicum.bus.events import (
    AgentWoke,
    ExchangeCompleted,
    Json,
    ModelAnswered,
    ToolCalled,
    WorldChanged,
)
from practicum.runtime.plan import Plan
from practicum.runtime.verdict import AgentUse
from practicum.scenarios.judgment import Evaluated


def agent_use(plan: Plan, events: Sequence[Event]) -> dict[str, AgentUse]:
    """What each agent used. Money is what the gateway counted."""
    found = {agent.name: AgentUse(role=agent.kit.role, model=agent.model_text) for agent in plan.agents}
    for event in events:
        body = event.body
        if isinstance(body, ExchangeCompleted):
            use = found.get(body.agent)
            if use is not None:
                use.exchanges += 1
                use.refused += bool(body.refused)
                use.cost_usd += body.cost_usd
            continue
        use = found.get(event.source)
        if use is None:
            continue
        match body:
            case AgentWoke():
                use.turns += 1
            case ToolCalled():
                use.tool_calls += 1
            case ModelAnswered():
                use.model_calls += 1
                use.input_tokens += body.usage.input_tokens
                use.output_tokens += body.usage.output_tokens
                use.cached_tokens += body.usage.cache_read_tokens
            case _:
                pass
    return found


def facts(events: Sequence[Event], evaluated: Sequence[Evaluated]) -> dict[str, Json]:
    """A few numbers for the summary line."""
    exchanges = [event.body for event in events if isinstance(event.body, ExchangeCompleted)]
    changes = [event.body for event in events if isinstance(event.body, WorldChanged)]
    found: dict[str, Json] = {
        "pull_requests_merged": sum(item.change == "github.pull_request.merged" for item in changes),
        "issues_opened": sum(item.change == "github.issue.opened" for item in changes),
        "calls": len(exchanges),
        "refused": sum(bool(item.refused) for item in exchanges),
        "cost_usd": round(sum(item.cost_usd for item in exchanges), 6),
    }
    for item in evaluated:
        for name in ("tests", "coverage", "version"):
            if name in item.details:
                found[name] = item.details[name]
    return found
