"""The state of a running team: a fold over its events, from which quiescence and limits follow as facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from practicum.bus.address import mailbox_filters, subject_matches
from practicum.bus.event import Event
from practicum.bus.events import (
    AgentFailed,
    AgentIdled,
    AgentJoined,
    AgentWoke,
    ExchangeCompleted,
    JobFinished,
    JobStarted,
    LimitReached,
    ModelAnswered,
    OutcomeDeclared,
    TimerFired,
    TimerSet,
    WorldChanged,
)

Wakes = Callable[[Event], bool]


@dataclass
class AgentState:
    """What is known of one agent."""

    name: str
    filters: tuple[str, ...]
    wakes: Wakes
    joined: bool = False
    busy: bool = False
    consumed: int = 0
    """The last sequence that it says it has taken."""
    addressed: int = 0
    """The last sequence of an event that wakes it."""
    done: bool = False
    failed: AgentFailed | None = None
    waiting_for: str = ""

    @property
    def quiet(self) -> bool:
        """Has nothing to do and nothing on the way to it."""
        if self.done or self.failed is not None:
            return True
        return self.joined and not self.busy and self.consumed >= self.addressed


@dataclass
class Totals:
    """What the run has used so far."""

    events: int = 0
    turns: int = 0
    tokens: int = 0
    cost_usd: float = 0.0


@dataclass
class TeamState:
    """Folds events in the order of the bus."""

    agents: dict[str, AgentState]
    owner: str | None
    jobs: set[str] = field(default_factory=set)
    timers: set[str] = field(default_factory=set)
    declared: OutcomeDeclared | None = None
    totals: Totals = field(default_factory=Totals)
    changes: dict[str, int] = field(default_factory=dict)
    """Change in the world to how often it happened."""
    budget: LimitReached | None = None
    """A limit of money that the proctor reports for the whole run."""
    spent: set[str] = field(default_factory=set)
    """Agents whose own money is used up; the run goes on without them."""

    @classmethod
    def of(cls, run: str, wakes: Mapping[str, Wakes], owner: str | None) -> TeamState:
        """Before the first event."""
        agents = {name: AgentState(name, mailbox_filters(run, name), test) for name, test in wakes.items()}
        return cls(agents, owner)

    def take(self, event: Event, subject: str, sequence: int) -> None:
        """Fold in one event."""
        self.totals.events += 1
        for agent in self.agents.values():
            if agent.wakes(event) and any(subject_matches(item, subject) for item in agent.filters):
                agent.addressed = max(agent.addressed, sequence)
        source = self.agents.get(event.source)
        body = event.body
        match body:
            case AgentJoined() if source:
                source.joined = True
            case AgentWoke() if source:
                source.busy, source.waiting_for = True, ""
                self.totals.turns += 1
            case AgentIdled() if source:
                source.busy, source.consumed = False, max(source.consumed, body.consumed)
                source.done, source.waiting_for = body.done, body.waiting_for
            case AgentFailed() if source:
                source.busy, source.failed = False, body
            case ModelAnswered():
                used = body.usage
                self.totals.tokens += used.input_tokens + used.output_tokens + used.cache_write_tokens
                self.totals.tokens += used.cache_read_tokens
            case ExchangeCompleted():
                self.totals.cost_usd += body.cost_usd
            case JobStarted():
                self.jobs.add(body.job)
            case JobFinished():
                self.jobs.discard(body.job)
            case TimerSet():
                self.timers.add(body.timer)
            case TimerFired():
                self.timers.discard(body.timer)
            case WorldChanged():
                self.changes[body.change] = self.changes.get(body.change, 0) + 1
            case OutcomeDeclared() if event.source == self.owner:
                self.declared = body
            case LimitReached() if body.limit == "cost" and event.source == "proctor":
                if body.of == "run":
                    self.budget = body
                else:
                    self.spent.add(body.of)
            case _:
                pass

    def said(self) -> str:
        """What the owner of the outcome declared; empty when nobody did."""
        return f"{self.owner} finished: {self.declared.summary}" if self.declared is not None else ""

    @property
    def all_joined(self) -> bool:
        return all(agent.joined or agent.failed for agent in self.agents.values())

    @property
    def quiet(self) -> bool:
        """Nothing will happen any more by itself: every agent idle, no job open, no timer due."""
        return not self.jobs and not self.timers and all(agent.quiet for agent in self.agents.values())
