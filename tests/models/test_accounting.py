from __future__ import annotations

from practicum.bus.event import Event, make_event
from practicum.bus.events import AgentWoke, Data, ExchangeCompleted, ModelAnswered, ToolReturned, Usage
from practicum.models.accounting import account


def event(source: str, data: Data) -> Event:
    return make_event(data, run="01R", source=source)


def answer(tokens: int, cost: float, error: str = "") -> ModelAnswered:
    usage = Usage(input_tokens=tokens, output_tokens=2, cache_read_tokens=3, cache_write_tokens=4, cost_usd=cost)
    return ModelAnswered(turn=1, request=1, text="", calls=(), stop="end", usage=usage, ms=1500, error=error)


def exchange(agent: str, service: str, cost: float = 0.0, refused: str = "") -> ExchangeCompleted:
    told = {"agent": agent, "service": service, "cost_usd": cost, "refused": refused}
    return ExchangeCompleted(lease="", method="POST", route="r", path="/", status=200, ms=1, **told)  # type: ignore[arg-type]


def returned(ok: bool) -> ToolReturned:
    return ToolReturned(turn=1, call="c", tool="t", ok=ok, ms=250)


def test_what_each_agent_used_is_summed_and_kept_apart() -> None:
    twice = event("dev-1", answer(10, 0.5))
    accounts = account(
        [
            event("dev-1", AgentWoke(turn=1, events=())),
            twice,
            twice,
            event("dev-1", answer(20, 0.25, error="overloaded")),
            event("dev-1", returned(True)),
            event("dev-1", returned(False)),
            event("qa", answer(1, 0.125)),
            event("proctor", exchange("qa", "github")),
            event("proctor", exchange("qa", "github", refused="not granted")),
        ]
    )
    assert list(accounts.agents) == ["dev-1", "qa"]
    dev = accounts.agents["dev-1"]
    assert (dev.turns, dev.model_calls, dev.model_failures) == (1, 2, 1)
    assert (dev.input_tokens, dev.output_tokens, dev.cache_read_tokens, dev.cache_write_tokens) == (30, 4, 6, 8)
    assert dev.tokens == 48
    assert (dev.cost_usd, dev.model_seconds) == (0.75, 3.0)
    assert (dev.tool_calls, dev.tool_failures, dev.tool_seconds) == (2, 1, 0.5)
    assert (accounts.agents["qa"].exchanges, accounts.agents["qa"].exchanges_refused) == (1, 1)
    assert accounts.total.cost_usd == 0.875
    assert accounts.total.input_tokens == 31


def test_the_gateways_count_of_money_beats_what_an_agent_says() -> None:
    accounts = account(
        [
            event("dev-1", answer(10, 0.0)),
            event("proctor", exchange("dev-1", "anthropic", cost=0.5)),
            event("proctor", exchange("dev-1", "anthropic", cost=0.25)),
            event("qa", answer(10, 0.125)),
        ]
    )
    assert accounts.agents["dev-1"].cost_usd == 0.75
    assert accounts.agents["dev-1"].metered_calls == 2
    assert accounts.agents["qa"].cost_usd == 0.125
    assert accounts.total.cost_usd == 0.875


def test_nothing_recorded_is_nothing_used() -> None:
    assert account([]).total.tokens == 0


def test_what_the_launcher_asks_falls_to_whom_it_asks_for_and_to_no_agent() -> None:
    accounts = account(
        [
            event("dev-1", answer(10, 0.5)),
            event("launcher", answer(100, 0.25).model_copy(update={"asker": "judge"})),
            event("launcher", answer(1000, 0.5).model_copy(update={"asker": "user"})),
            event("proctor", exchange("judge", "anthropic", cost=0.125)),
            event("proctor", exchange("user", "anthropic", cost=0.25)),
            event("dev-2", answer(7, 0.5).model_copy(update={"asker": "judge"})),
        ]
    )
    assert list(accounts.agents) == ["dev-1", "judge", "user", "dev-2"]
    assert accounts.agents["dev-1"].input_tokens == 10
    assert accounts.agents["judge"].input_tokens == 100
    assert (accounts.agents["judge"].cost_usd, accounts.agents["user"].cost_usd) == (0.125, 0.25)
    assert accounts.agents["dev-2"].input_tokens == 7
    assert accounts.total.cost_usd == 1.375
