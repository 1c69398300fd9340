"""Both vendors' models, through their official SDKs and real HTTP, against the strict server."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest
from model_kit import QUICK, READ_FILE, make_model, opened, request

from practicum.api.model import (
    AssistantMessage,
    Message,
    Model,
    ModelTurn,
    ToolMessage,
    ToolRequest,
    ToolResult,
    ToolSpec,
    UserMessage,
)
from practicum.errors import ModelError
from practicum.ids import new_lease_token
from practicum.models.retry import Patience
from practicum.models.testing import Call, Conversation, Fault, ModelServer, PlanTurn, Reply, ScriptedPolicy

FILES = {"a.md": "alpha", "b.md": "beta", "c.md": "gamma"}


async def hello(conversation: Conversation) -> Reply:
    return Reply(text=f"hello to {conversation.news}")


async def drive(model: Model, files: dict[str, str], *, first: str = "Begin.", limit: int = 10) -> list[Message]:
    """A small loop: run the calls, feed the results back, until the model asks for nothing."""
    messages: list[Message] = [UserMessage(first)]
    for _ in range(limit):
        turn = await model.respond(request(*messages))
        messages.append(AssistantMessage(turn.text, turn.calls, turn.opaque))
        if turn.stop != "tools":
            return messages
        messages.append(ToolMessage(tuple(_result(call, files) for call in turn.calls)))
    raise AssertionError("the model never came to an end")


def _result(call: ToolRequest, files: dict[str, str]) -> ToolResult:
    if call.invalid:
        return ToolResult(call.id, False, call.invalid)
    path = call.args.get("path", "")
    return ToolResult(call.id, path in files, files.get(path, f"no such file: {path}"))


async def test_a_tool_loop_with_parallel_calls_follows_the_results_it_is_sent(vendor: str) -> None:
    async def plan(turn: PlanTurn) -> str:
        one, two = await turn.gather(("read_file", {"path": "a.md"}), ("read_file", {"path": "b.md"}), text="Both.")
        third = await turn.call("read_file", path="c.md") if two == "beta" else "nothing"
        return f"{one} {two} {third}"

    async with opened(vendor, ScriptedPolicy(plan)) as (_, model):
        messages = await drive(model, FILES)
        assert messages[1] == AssistantMessage("Both.", messages[1].calls)  # type: ignore[union-attr]
        assert messages[-1] == AssistantMessage("alpha beta gamma")
        changed = await drive(model, {**FILES, "b.md": "other"})
        assert changed[-1] == AssistantMessage("alpha other nothing")
        assert len(changed) == len(messages) - 2


async def test_a_failed_call_reaches_the_model_as_a_failure(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply(calls=(Call("read_file", {"path": "gone.md"}),))
        result = conversation.results[0]
        return Reply(text=f"ok={result.ok} {result.content}")

    async with opened(vendor, policy) as (_, model):
        assert (await drive(model, FILES))[-1] == AssistantMessage("ok=False no such file: gone.md")


async def test_a_failure_without_a_word_and_an_empty_result_are_both_accepted(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply(calls=(Call("read_file", {"path": "a"}), Call("read_file", {"path": "b"})))
        return Reply(text=" ".join(str(one.ok) for one in conversation.results))

    async with opened(vendor, policy) as (_, model):
        first = await model.respond(request())
        results = ToolMessage((ToolResult(first.calls[0].id, False, ""), ToolResult(first.calls[1].id, True, "")))
        last = await model.respond(request(UserMessage("Begin."), AssistantMessage("", first.calls), results))
        assert last.text == "False True"


async def test_news_beside_results_reach_the_model_in_either_order(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        if not conversation.exchanges:
            return Reply(calls=(Call("read_file", {"path": "a.md"}),))
        return Reply(text=f"{conversation.results[0].content} | {conversation.news}")

    async with opened(vendor, policy) as (_, model):
        first = await model.respond(request())
        said = AssistantMessage(first.text, first.calls)
        results = ToolMessage((ToolResult(first.calls[0].id, True, "alpha"),))
        news = UserMessage("By the way."), UserMessage("   "), UserMessage("Hurry.")
        for rest in ((results, *news), (*news, results)):
            last = await model.respond(request(UserMessage("Begin."), said, *rest))
            assert last.text == "alpha | By the way.\n\nHurry."


async def test_an_empty_answer_in_the_context_is_not_sent(vendor: str) -> None:
    async with opened(vendor, hello) as (_, model):
        turn = await model.respond(request(UserMessage("one"), AssistantMessage(" "), UserMessage("two")))
        assert turn.text == "hello to one\n\ntwo"


async def test_a_context_with_an_unanswered_call_is_refused_and_not_tried_again(vendor: str) -> None:
    async with opened(vendor, hello) as (server, model):
        said = AssistantMessage("", (ToolRequest("c1", "read_file", {"path": "a"}),))
        with pytest.raises(ModelError, match="c1"):
            await model.respond(request(UserMessage("Begin."), said, UserMessage("Well?")))
        assert len(server.seen) == 1


async def test_a_result_without_a_call_is_refused(vendor: str) -> None:
    async with opened(vendor, hello) as (_, model):
        with pytest.raises(ModelError, match="400"):
            await model.respond(request(UserMessage("Begin."), ToolMessage((ToolResult("c1", True, "x"),))))


async def test_ids_of_another_vendor_or_a_script_are_made_acceptable(vendor: str) -> None:
    async with opened(vendor, hello) as (_, model):
        said = AssistantMessage("", (ToolRequest("call:1/a", "read_file", {"path": "a"}),))
        results = ToolMessage((ToolResult("call:1/a", True, "x"),))
        assert (await model.respond(request(UserMessage("B"), said, results, UserMessage("C")))).text == "hello to C"


@pytest.mark.parametrize("raw", ['{"path": "a.m', "[1]", '{"path": NaN}', '{"path": "\\ud800"}', "nonsense"])
async def test_malformed_arguments_come_back_to_the_model_as_a_failed_result(vendor: str, raw: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply(calls=(Call("read_file", raw=raw), Call("read_file", {"path": "a.md"})))
        assert not conversation.results[0].ok
        return Reply(text=f"{conversation.results[1].content}: {conversation.results[0].content}")

    async with opened(vendor, policy) as (_, model):
        turn = await model.respond(request())
        assert turn.calls[0].args == {}
        assert turn.calls[0].invalid
        assert turn.calls[1].args == {"path": "a.md"}
        last = (await drive(model, FILES))[-1]
        assert isinstance(last, AssistantMessage)
        assert last.text.startswith("alpha: the arguments")


async def test_no_arguments_at_all_are_an_empty_object(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(calls=(Call("deploy", raw=""),))

    async with opened(vendor, policy) as (_, model):
        (call,) = (await model.respond(request())).calls
        assert (call.args, call.invalid) == ({}, "")


async def test_a_call_cut_by_the_length_limit_is_not_made(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(calls=(Call("read_file", {"path": "a"}), Call("read_file", {"path": "x" * 4000})))

    async with opened(vendor, policy) as (_, model):
        turn = await model.respond(request(max_tokens=100))
        assert turn.stop == "length"
        assert [call.invalid == "" for call in turn.calls] == [True, False]


async def test_a_text_that_is_too_long_stops_at_the_limit(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(text="word " * 1000)

    async with opened(vendor, policy) as (_, model):
        turn = await model.respond(request(max_tokens=50))
        assert turn.stop == "length"
        assert turn.text == ("word " * 1000)[:200]
        assert turn.usage.output_tokens == 50


async def test_a_refusal_is_told_apart_from_an_answer(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(text="I would rather not.", refuses=True)

    async with opened(vendor, policy) as (_, model):
        turn = await model.respond(request())
        assert (turn.stop, turn.text) == ("refusal", "I would rather not.")


async def test_usage_and_cost_are_what_the_vendor_counted(vendor: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(text="x" * 4000)

    async with opened(vendor, policy) as (_, model):
        usage = (await model.respond(request(UserMessage("y" * 40_000)))).usage
        again = (await model.respond(request(UserMessage("y" * 40_000)))).usage
    assert usage.output_tokens == 1000
    assert usage.cache_read_tokens == 0
    assert usage.input_tokens + usage.cache_write_tokens >= 10_000
    assert again.cache_read_tokens >= 10_000
    assert again.input_tokens + again.cache_read_tokens == usage.input_tokens + usage.cache_write_tokens
    # US dollars for a million tokens, as the vendors list them for these two models: in, out, read, written.
    into, out, read, written = (3.0, 15.0, 0.3, 3.75) if vendor == "anthropic" else (2.5, 10.0, 1.25, 2.5)
    for one in (usage, again):
        dollars = one.input_tokens * into + one.output_tokens * out
        dollars += one.cache_read_tokens * read + one.cache_write_tokens * written
        assert one.cost_usd == pytest.approx(dollars / 1e6)


async def test_a_growing_conversation_is_read_from_the_cache(vendor: str) -> None:
    async def plan(turn: PlanTurn) -> str:
        for _ in range(4):
            await turn.gather(*(("read_file", {"path": "long.md"}) for _ in range(25)))
        return "done"

    async with opened(vendor, ScriptedPolicy(plan)) as (_, model):
        messages: list[Message] = [UserMessage("Begin. " * 1000)]
        usages = []
        for _ in range(5):
            turn = await model.respond(request(*messages))
            usages.append(turn.usage)
            results = tuple(ToolResult(call.id, True, "z" * 200) for call in turn.calls)
            messages += [AssistantMessage(turn.text, turn.calls), ToolMessage(results)]
    for before, after in itertools.pairwise(usages):
        held = before.cache_read_tokens + before.cache_write_tokens
        if vendor == "openai":
            held = (before.cache_read_tokens + before.input_tokens) // 128 * 128
        assert after.cache_read_tokens == held > 0


async def test_each_request_names_the_event_that_it_answers(vendor: str) -> None:
    causes = iter(["event-1", "event-2", "event-3"])
    async with opened(vendor, hello, cause=lambda: next(causes)) as (server, model):
        server.inject(Fault.broken())
        await model.respond(request())
        await model.respond(request())
        assert [one.cause for one in server.seen] == ["event-1", "event-2", "event-3"]


async def test_retry_after_is_waited_out(vendor: str) -> None:
    async with opened(vendor, hello) as (server, model):
        server.inject(Fault.rate_limited(retry_after_s=1.0), Fault.rate_limited(retry_after_s=0.2))
        assert (await model.respond(request())).text == "hello to Begin."
        first, second, third = (one.at for one in server.seen)
        assert second - first >= 1.0
        assert third - second >= 0.2


async def test_a_busy_vendor_is_asked_more_often_than_a_broken_one(vendor: str) -> None:
    async with opened(vendor, hello) as (server, model):
        server.inject(*[Fault.rate_limited(0.01)] * 8, Fault.overloaded())
        assert (await model.respond(request())).text == "hello to Begin."
        server.inject(*[Fault.broken()] * QUICK.attempts)
        with pytest.raises(ModelError, match=r"500 .*after 3 attempts"):
            await model.respond(request())


async def test_a_retry_after_beyond_the_deadline_fails_at_once(vendor: str) -> None:
    async with opened(vendor, hello, patience=Patience(deadline_s=40.0)) as (server, model):
        server.inject(Fault.rate_limited(retry_after_s=90.0))
        started = time.monotonic()
        with pytest.raises(ModelError, match=r"due in 90\.0 s, after our deadline"):
            await model.respond(request())
        assert time.monotonic() - started < 20.0  # and not at the deadline


async def test_the_deadline_covers_a_vendor_that_says_nothing(vendor: str) -> None:
    async with opened(vendor, hello, patience=Patience(deadline_s=0.3)) as (server, model):
        server.inject(Fault.slow(5.0))
        with pytest.raises(ModelError, match=r"no answer within 0\.3 s"):
            await model.respond(request())


@pytest.mark.parametrize("after", [0, 1, 3, 5])
async def test_a_stream_that_is_cut_is_asked_for_again(vendor: str, after: int) -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(text="a long answer " * 20, calls=(Call("read_file", {"path": "a"}),))

    async with opened(vendor, policy) as (server, model):
        server.inject(Fault.cut(after), Fault.overloaded_in_stream(after))
        turn = await model.respond(request())
        assert turn.text == "a long answer " * 20
        assert len(turn.calls) == 1
        assert len(server.seen) == 3


async def test_a_stream_that_is_always_cut_ends_in_an_error(vendor: str) -> None:
    async with opened(vendor, hello) as (server, model):
        server.inject(*[Fault.cut(3)] * QUICK.attempts)
        with pytest.raises(ModelError, match="stream"):
            await model.respond(request())


async def test_a_wrong_key_is_named_without_showing_it(vendor: str) -> None:
    lease = new_lease_token()
    async with opened(vendor, hello, api_key=lease) as (server, model):
        with pytest.raises(ModelError, match="401") as caught:
            await model.respond(request())
        assert len(server.seen) == 1
        assert lease not in str(caught.value)


async def test_a_vendor_that_echoes_the_key_does_not_leak_it(vendor: str) -> None:
    lease = new_lease_token()

    async def policy(conversation: Conversation) -> Fault:
        return Fault(status=400, message=f"bad key {lease} {lease.upper()}")

    async with ModelServer(policy, api_key=lease) as server:
        model = make_model(vendor, server)
        with pytest.raises(ModelError) as caught:
            await model.respond(request())
        await model.close()
        assert lease not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None  # the SDK's error holds the request with its key


async def test_an_unknown_model_is_refused_with_a_hint(vendor: str) -> None:
    async with opened(vendor, hello, name="nobody-1") as (_, model):
        with pytest.raises(ModelError, match=r"404 .*nobody-1") as caught:
            await model.respond(request())
        assert "name" in caught.value.hint


async def test_a_server_that_is_not_there_is_an_error(vendor: str) -> None:
    async with ModelServer(hello) as server:
        pass
    model = make_model(vendor, server)
    with pytest.raises(ModelError, match="no connection"):
        await model.respond(request())
    await model.close()


async def test_a_tool_whose_schema_is_none_is_refused(vendor: str) -> None:
    broken = ToolSpec("broken", "A tool.", {"type": "object", "properties": {"x": {"type": "nothing"}}})
    async with opened(vendor, hello) as (_, model):
        with pytest.raises(ModelError, match="nothing"):
            await model.respond(request(tools=(READ_FILE, broken)))


async def test_many_agents_ask_at_once(vendor: str) -> None:
    async with ModelServer(hello) as server:
        models = [make_model(vendor, server) for _ in range(8)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one.respond(request(UserMessage(str(n))))) for n, one in enumerate(models)]
        assert [task.result().text for task in tasks] == [f"hello to {n}" for n in range(8)]
        for one in models:
            await one.close()


async def test_thoughts_are_returned_unchanged_and_in_their_place() -> None:
    async def plan_turn(conversation: Conversation) -> Reply:
        if len(conversation.exchanges) < 2:
            calls = (Call("read_file", {"path": f"{len(conversation.exchanges)}.md"}),)
            return Reply(thinking="Hm, «what» now?", text="Let me see.", calls=calls)
        return Reply(thinking="Enough.", text="I have seen both.")

    async with opened("anthropic", plan_turn, thinking=2048) as (server, model):
        messages = await drive(model, FILES)
        assert messages[-1].text == "I have seen both."  # type: ignore[union-attr]
        sent = server.seen[-1].body["messages"][1]["content"]
        assert [block["type"] for block in sent] == ["thinking", "text", "tool_use"]
        assert sent[0]["thinking"] == "Hm, «what» now?"
        assert len(server.seen) == 3


async def test_the_server_refuses_a_thought_that_was_changed_or_dropped() -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(thinking="Hm.", calls=(Call("read_file", {"path": "a"}),))

    async with opened("anthropic", policy, thinking=2048) as (_, model):
        turn = await model.respond(request())
        results = ToolMessage((ToolResult(turn.calls[0].id, True, "x"),))

        async def with_opaque(opaque: object) -> ModelTurn:
            said = AssistantMessage(turn.text, turn.calls, opaque)
            return await model.respond(request(UserMessage("Begin."), said, results))

        layout = turn.opaque["anthropic"]["layout"]
        forged = {"anthropic": {**turn.opaque["anthropic"], "layout": [{**layout[0], "thinking": "Ha."}, *layout[1:]]}}
        with pytest.raises(ModelError, match="signature"):
            await with_opaque(forged)
        with pytest.raises(ModelError, match="Expected `thinking`"):
            await with_opaque(None)
        assert (await with_opaque(turn.opaque)).stop == "tools"


async def test_thoughts_of_another_model_are_left_out() -> None:
    opaque = {
        "anthropic": {"model": "claude-other", "layout": [{"type": "thinking", "thinking": "x", "signature": "y"}]}
    }
    async with opened("anthropic", hello) as (server, model):
        await model.respond(request(UserMessage("a"), AssistantMessage("b", (), opaque), UserMessage("c")))
        assert server.seen[0].body["messages"][1]["content"] == [{"type": "text", "text": "b"}]


async def test_a_reasoning_model_gets_the_parameters_that_it_takes() -> None:
    async with opened("openai", hello, name="o3", effort="low") as (server, model):
        turn = await model.respond(request(max_tokens=500, temperature=0.0))
        assert turn.text == "hello to Begin."
        body = server.seen[0].body
        assert body["max_completion_tokens"] == 500
        assert body["reasoning_effort"] == "low"
        assert not {"temperature", "max_tokens"} & body.keys()


async def test_other_models_are_sent_the_temperature_even_when_it_is_zero(vendor: str) -> None:
    async with opened(vendor, hello) as (server, model):
        await model.respond(request(max_tokens=500, temperature=0.0))
        assert server.seen[0].body["temperature"] == 0.0
        assert server.seen[0].body["max_tokens"] == 500


async def test_proxies_of_the_environment_never_see_a_lease(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with opened(vendor, hello) as (_, model):
        assert (await model.respond(request())).text == "hello to Begin."
