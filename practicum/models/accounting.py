"""What each agent used: models asked, tokens, money, time. A fold over recorded events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from practicum.bus.event import Event
from practicum.bus.events import AgentWoke, ExchangeCompleted, ModelAnswered, ToolReturned
from practicum.bus.voices import is_reserved

MODEL_SERVICES = frozenset({"anthropic", "openai"})
"""Services of the gateway whose calls are questions to a model."""


@dataclass
class AgentAccount:
    """What one agent used."""

    agent: str
    turns: int = 0
    model_calls: int = 0
    model_failures: int = 0
    input_tokens: int = 0
    """Without those read from or written to a cache."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reported_cost_usd: float = 0.0
    """By the agent's own count."""
    metered_calls: int = 0
    """Questions to a model that the gateway saw, refused ones not counted; more than `model_calls` when some had to be
    asked again."""
    metered_cost_usd: float = 0.0
    """By the gateway's count, which no agent can touch."""
    model_seconds: float = 0.0
    tool_calls: int = 0
    tool_failures: int = 0
    tool_seconds: float = 0.0
    exchanges: int = 0
    """Calls of other services through the gateway."""
    exchanges_refused: int = 0
    """Calls of any service that the proctor refused."""

    @property
    def cost_usd(self) -> float:
        """The gateway's count where it saw any call, else the agent's own."""
        return self.metered_cost_usd if self.metered_calls else self.reported_cost_usd

    @property
    def tokens(self) -> int:
        """All of them, in and out, cached or not."""
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens


@dataclass
class TeamAccount(AgentAccount):
    """What several agents used. The gateway may have seen some of them and not others, so each is settled alone."""

    settled_cost_usd: float = 0.0

    @property
    def cost_usd(self) -> float:
        """The sum of what each agent cost."""
        return self.settled_cost_usd

    def add(self, one: AgentAccount) -> None:
        """Add what an agent used."""
        for name, value in vars(one).items():
            if name != "agent":
                setattr(self, name, getattr(self, name) + value)
        self.settled_cost_usd += one.cost_usd


@dataclass
class Accounts:
    """What a run used."""

    agents: dict[str, AgentAccount] = field(default_factory=dict)
    """By name, in the order in which they first used something."""

    @property
    def total(self) -> TeamAccount:
        """All agents together."""
        total = TeamAccount("total")
        for account in self.agents.values():
            total.add(account)
        return total

    def of(self, agent: str) -> AgentAccount:
        """The account of one agent, opened when there is none."""
        return self.agents.setdefault(agent, AgentAccount(agent))

    def take(self, event: Event) -> None:
        """Book one event; most cost nothing."""
        match event.body:
            case AgentWoke():
                self.of(event.source).turns += 1
            case ModelAnswered() as answered:
                # What the launcher asks has leases in the asker's name, so the gateway's count falls to this account.
                asks = answered.asker if is_reserved(event.source) else ""
                _book_answer(self.of(asks or event.source), answered)
            case ToolReturned() as returned:
                account = self.of(event.source)
                account.tool_calls += 1
                account.tool_failures += not returned.ok
                account.tool_seconds += returned.ms / 1000
            case ExchangeCompleted() as exchange if exchange.agent:
                _book_exchange(self.of(exchange.agent), exchange)
            case _:
                pass


def account(events: Iterable[Event]) -> Accounts:
    """What a run used, from its recorded events. An event that comes twice is booked once.

    A failed answer counts as a model call; its tokens are what the vendor reported, usually none.
    """
    accounts = Accounts()
    seen: set[str] = set()
    for event in events:
        if event.id not in seen:
            seen.add(event.id)
            accounts.take(event)
    return accounts


def _book_answer(account: AgentAccount, answered: ModelAnswered) -> None:
    account.model_calls += 1
    account.model_failures += answered.error != ""
    account.input_tokens += answered.usage.input_tokens
    account.output_tokens += answered.usage.output_tokens
    account.cache_read_tokens += answered.usage.cache_read_tokens
    account.cache_write_tokens += answered.usage.cache_write_tokens
    account.reported_cost_usd += answered.usage.cost_usd
    account.model_seconds += answered.ms / 1000


def _book_exchange(account: AgentAccount, exchange: ExchangeCompleted) -> None:
    if exchange.refused:
        account.exchanges_refused += 1
    elif exchange.service in MODEL_SERVICES:
        account.metered_calls += 1
        account.metered_cost_usd += exchange.cost_usd
    else:
        account.exchanges += 1
