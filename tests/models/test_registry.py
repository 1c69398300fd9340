from __future__ import annotations

import subprocess
import sys

import pytest

from practicum.api.model import ModelRequest, UserMessage
from practicum.errors import MissingExtraError, UsageError
from practicum.models.registry import ModelRef, open_model, parse_model
from practicum.models.testing import Conversation, ModelServer, Reply


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("anthropic/claude-sonnet-4-5", ModelRef("anthropic", "claude-sonnet-4-5")),
        ("openai/org/model-7b", ModelRef("openai", "org/model-7b")),
        ("script/oracle", ModelRef("script", "oracle")),
        ("replay/01JD8Q", ModelRef("replay", "01JD8Q")),
        ("human", ModelRef("human")),
        ("anthropic/x?thinking=4096&max_tokens=9", ModelRef("anthropic", "x", {"thinking": "4096", "max_tokens": "9"})),
    ],
)
def test_every_form_is_read_and_written_back(text: str, ref: ModelRef) -> None:
    assert parse_model(text) == ref
    assert str(ref) == text.partition("?")[0]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("antropic/claude", 'did you mean "anthropic"?'),
        ("open-ai/gpt-4o", 'did you mean "openai"?'),
        ("claude-sonnet-4-5", 'did you mean "anthropic/claude-sonnet-4-5"?'),
        ("gpt-4o", 'did you mean "openai/gpt-4o"?'),
        ("", "known: anthropic/NAME"),
        ("xyz/abc", "known: anthropic/NAME"),
        ("openai", 'write "openai/NAME"'),
        ("replay/", 'write "replay/RUN"'),
        ("human/bob", 'write just "human"'),
        ("openai/gpt-4o?thinking=1", "known for openai: max_tokens, effort"),
        ("script/x?y=1", "take no options"),
    ],
)
def test_what_is_no_model_is_refused_with_advice(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_model(text)
    assert hint in caught.value.hint


def test_only_vendors_need_a_lease() -> None:
    texts = ("anthropic/a", "openai/a", "script/a", "replay/a", "human")
    assert [parse_model(text).service for text in texts] == ["anthropic", "openai", "", "", ""]


@pytest.mark.parametrize("text", ["anthropic/x?max_tokens=many", "anthropic/x?thinking=-5", "openai/x?max_tokens=0"])
def test_an_option_with_a_bad_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="positive whole number"):
        open_model(parse_model(text), base_url="http://127.0.0.1:1", api_key="x")


def test_a_script_cannot_be_opened_by_name_alone() -> None:
    with pytest.raises(UsageError, match="script/oracle"):
        open_model(parse_model("script/oracle"))


@pytest.mark.parametrize("text", ["anthropic/claude-sonnet-4-5?thinking=adaptive", "openai/gpt-4o"])
async def test_an_opened_model_answers(text: str) -> None:
    async def policy(conversation: Conversation) -> Reply:
        return Reply(text=f"{conversation.vendor} {conversation.thinking}")

    async with ModelServer(policy) as server:
        ref = parse_model(text)
        url = server.anthropic_url if ref.vendor == "anthropic" else server.openai_url
        model = open_model(ref, base_url=url, api_key=server.api_key, cause=lambda: "event-1")
        turn = await model.respond(ModelRequest("", (UserMessage("hi"),), ()))
        assert turn.text == f"{ref.vendor} {ref.vendor == 'anthropic'}"
        assert server.seen[0].cause == "event-1"
        assert model.name == text.partition("?")[0]
        await model.close()


@pytest.mark.parametrize("vendor", ["anthropic", "openai"])
def test_a_missing_sdk_is_named_with_the_line_that_installs_it(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, vendor, None)
    monkeypatch.delitem(sys.modules, f"practicum.models.{vendor}", raising=False)
    with pytest.raises(MissingExtraError, match=rf"practicum\[{vendor}\]"):
        open_model(parse_model(f"{vendor}/x"), base_url="http://127.0.0.1:1", api_key="x")


def test_naming_models_imports_no_sdk() -> None:
    code = """
import sys
from practicum.models.registry import parse_model
parse_model("anthropic/x")
print({"anthropic", "openai", "httpx"} & {*sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "set()"
