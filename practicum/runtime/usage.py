"""Who used what, for the verdict: folds over a run's events."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.bus.event import Event
from practicum.bus.events import AgentFailed, AgentIdled, AgentWoke, ExchangeCompleted, Json, WorldChanged
from practicum.models.accounting import account
from practicum.runtime.plan import Plan
from practicum.scenarios.judgment import Evaluated
from practicum.scenarios.verdict import AgentUse


def agent_use(plan: Plan, events: Sequence[Event]) -> dict[str, AgentUse]:
    """What each agent used."""
    accounts = account(events)
    found = {}
    for agent in plan.agents:
        used = accounts.of(agent.name)
        found[agent.name] = AgentUse(
            role=agent.kit.role,
            model=agent.model_text,
            turns=used.turns,
            model_calls=used.model_calls,
            tool_calls=used.tool_calls,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cached_tokens=used.cache_read_tokens,
            cost_usd=used.cost_usd,
            exchanges=used.exchanges + used.metered_calls,
            refused=used.exchanges_refused,
            seconds=round(busy_seconds(events, agent.name), 3),
        )
    return found


def busy_seconds(events: Sequence[Event], agent: str) -> float:
    """How long an agent was at work, by the times of its events."""
    total, since = 0.0, None
    for event in events:
        if event.source != agent:
            continue
        if isinstance(event.body, AgentWoke):
            since = since or event.time
        elif isinstance(event.body, AgentIdled | AgentFailed) and since is not None:
            total, since = total + (event.time - since).total_seconds(), None
    return total


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
