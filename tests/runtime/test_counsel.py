from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from practicum.api.evaluator import TurnView
from practicum.bus.event import make_event
from practicum.bus.events import Data, ModelAnswered, ModelRequested
from practicum.errors import ModelError
from practicum.models.accounting import account
from practicum.models.testing import Answer, Fault, ModelServer, Reply
from practicum.models.testing import Conversation as Request
from practicum.models.testing.conversation import Policy
from practicum.proctor.control import ServiceLease
from practicum.runtime.counsel import AT_ONCE, LauncherJudge
from practicum.scenarios.conversation import ModelUser, check
from practicum.scenarios.schema.conversation import Termination, UserSimulator

CLAUDE, GPT, REASONING = "anthropic/claude-sonnet-4-5", "openai/gpt-4o", "openai/o3"


@dataclass
class Record:
    """The launcher's place on the bus."""

    told: list[tuple[str, Data, str | None]] = field(default_factory=list)

    async def publish(self, data: Data, cause: str | None) -> str:
        id_ = f"event-{len(self.told) + 1}"
        self.told.append((id_, data, cause))
        return id_


def lease(url: str, key: str) -> ServiceLease:
    return ServiceLease(id="lease-1", token=key, url=url, login="", name="", email="", expires=datetime.now(UTC))


@asynccontextmanager
async def judging(
    policy: Policy,
    model: str = CLAUDE,
    *,
    services: tuple[str, ...] = ("anthropic", "openai"),
    actors: tuple[str, ...] = (),
) -> AsyncIterator[tuple[LauncherJudge, ModelServer, Record]]:
    record = Record()
    async with ModelServer(policy) as server:
        urls = {"anthropic": server.anthropic_url, "openai": server.openai_url}
        leases = {name: lease(urls[name], server.api_key) for name in services}
        judge = LauncherJudge(leases, model, actors, record.publish)
        try:
            yield judge, server, record
        finally:
            await judge.close()


async def says_yes(request: Request) -> Answer:
    return Reply(text="yes")


@pytest.mark.parametrize("model", [CLAUDE, GPT])
async def test_a_question_reaches_the_model_with_its_settings_and_is_recorded_in_words(model: str) -> None:
    async with judging(says_yes, model) as (judge, server, record):
        counsel = await judge.ask("You judge.", "Is it so?", temperature=0.0, max_tokens=77)
        assert judge.name() == model
    asked = server.seen[0].conversation
    assert asked is not None
    assert (asked.system, asked.news, asked.temperature, asked.max_tokens) == ("You judge.", "Is it so?", 0.0, 77)
    assert not asked.tools
    assert server.seen[0].cause == "event-1"
    assert (counsel.text, counsel.model, counsel.event, counsel.is_actor) == ("yes", model, "event-2", False)
    (first, requested, _), (_, answered, cause) = record.told
    assert isinstance(requested, ModelRequested)
    assert isinstance(answered, ModelAnswered)
    assert [message["text"] for message in requested.new_messages] == ["You judge.", "Is it so?"]
    assert cause == first
    assert answered.text == "yes"
    assert answered.usage.output_tokens > 0


async def test_what_it_used_is_charged_to_whoever_asks() -> None:
    async with judging(says_yes) as (judge, server, record):
        await judge.ask("s", "p")
        user = LauncherJudge(
            {"anthropic": lease(server.anthropic_url, server.api_key)}, CLAUDE, (), record.publish, "user"
        )
        await user.ask("s", "p")
        await user.close()
    accounts = account(make_event(data, run="01R", source="launcher") for _, data, _ in record.told)
    assert list(accounts.agents) == ["judge", "user"]
    assert [one.model_calls for one in accounts.agents.values()] == [1, 1]


async def test_another_model_can_be_asked_by_bare_name_or_with_its_vendor() -> None:
    async with judging(says_yes, GPT, actors=("openai/o3?effort=low", "script/dev")) as (judge, server, _):
        bare = await judge.ask("s", "p", model="o3")
        full = await judge.ask("s", "p", model=CLAUDE)
        assert judge.name("o3") == REASONING
        assert judge.name(CLAUDE) == CLAUDE
    assert (bare.model, full.model) == (REASONING, CLAUDE)
    assert (bare.is_actor, full.is_actor) == (True, False)
    assert [seen.conversation.model for seen in server.seen if seen.conversation] == ["o3", "claude-sonnet-4-5"]


@pytest.mark.parametrize(
    ("run", "model", "said"),
    [
        (GPT, CLAUDE, "no lease for anthropic"),
        (CLAUDE, "", "no lease for anthropic"),
        ("", "", "the run has no judge"),
        ("", "gpt-4o", "has no vendor"),
        ("script/judge", "", "cannot judge"),
        (GPT, "openai/", "name is missing"),
        (GPT, "openai/gpt-4o?colour=red", "unknown option"),
    ],
)
async def test_a_model_that_cannot_be_asked_is_told_before_anything_is_sent(run: str, model: str, said: str) -> None:
    async with judging(says_yes, run, services=("openai",)) as (judge, server, record):
        assert judge.name(model) == ""
        with pytest.raises(ModelError, match=said):
            await judge.ask("s", "p", model=model)
    assert not server.seen
    assert not record.told


async def test_without_a_judge_a_model_of_a_leased_vendor_can_still_be_named() -> None:
    async with judging(says_yes, "") as (judge, _, _):
        assert judge.name() == ""
        assert (await judge.ask("s", "p", model=GPT)).model == GPT


async def test_a_model_that_does_not_answer_in_time_is_an_error_that_is_recorded() -> None:
    async def slow(request: Request) -> Answer:
        await asyncio.sleep(5)
        return Reply(text="late")

    async with judging(slow) as (judge, _, record):
        with pytest.raises(ModelError, match=r"did not answer within 0\.2 s"):
            await judge.ask("s", "p", timeout_s=0.2)
    answered = record.told[-1][1]
    assert isinstance(answered, ModelAnswered)
    assert answered.stop == "error"
    assert "0.2 s" in answered.error


async def test_a_refusal_of_the_vendor_is_an_error_without_the_key() -> None:
    async def refuses(request: Request) -> Answer:
        return Fault(status=400, message="no such thing")

    async with judging(refuses) as (judge, server, record):
        with pytest.raises(ModelError, match="no such thing") as caught:
            await judge.ask("s", "p")
        key = server.api_key
    assert key not in str(caught.value) + "".join(data.model_dump_json() for _, data, _ in record.told)


async def test_no_more_than_a_few_questions_are_out_at_once_and_each_names_its_own_cause() -> None:
    out, most = 0, 0
    full = asyncio.Event()

    async def counting(request: Request) -> Answer:
        nonlocal out, most
        out += 1
        most = max(most, out)
        if out >= AT_ONCE:
            full.set()
        await full.wait()
        await asyncio.sleep(0.03)  # time for one too many to come
        out -= 1
        return Reply(text=f"heard {request.news}")

    async with judging(counting, GPT) as (judge, server, record):
        answers = await asyncio.gather(*(judge.ask("s", f"question {at}") for at in range(10)))
    assert most == AT_ONCE
    assert [answer.text for answer in answers] == [f"heard question {at}" for at in range(10)]
    asked = {id_: data.new_messages[1]["text"] for id_, data, _ in record.told if isinstance(data, ModelRequested)}
    assert len(asked) == 10
    assert all(seen.conversation and asked[seen.cause] == seen.conversation.news for seen in server.seen)
    assert len({data.request for _, data, _ in record.told if isinstance(data, ModelRequested)}) == 10


async def test_a_conversation_is_played_and_judged_through_it() -> None:
    async def policy(request: Request) -> Answer:
        if "You play a person" in request.system:
            return Reply(text='User: "When do I get my money?"')
        return Reply(text='{"score": 0.9, "reason": "A date was named."}')

    async with judging(policy) as (judge, server, _):
        user = ModelUser(UserSimulator(objective="a refund", temperature=0.8, max_tokens=250), judge, "")
        transcript = [TurnView(1, "Hello", "It comes on Monday.", 1.0)]
        assert await user.next(transcript) == "When do I get my money?"
        settled = Termination(type="custom_condition", description="A date was named")
        found = await check([settled], transcript, judge)
    assert found is not None
    assert found.score == 0.9
    played = server.seen[0].conversation
    assert played is not None
    assert (played.temperature, played.max_tokens) == (0.8, 250)
