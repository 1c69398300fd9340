"""A model that writes plugins is asked through the gateway of a proctor, which alone has the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from practicum_command import Practicum

from practicum.errors import ModelError, NeedsModelError, UsageError
from practicum.models.testing import Conversation, ModelServer, Reply
from practicum.runtime.plugin_models import plugin_model

pytestmark = pytest.mark.broker


async def policy(conversation: Conversation) -> Reply:
    return Reply(text="a plugin")


async def test_the_question_arrives_with_the_key_and_was_asked_with_a_lease(practicum: Practicum) -> None:
    async with ModelServer(policy) as server:
        shell = {"ANTHROPIC_API_KEY": server.api_key, "ANTHROPIC_BASE_URL": server.anthropic_url}
        environment = {**practicum.environment, **shell}
        name = "anthropic/claude-sonnet-4-5"
        async with plugin_model(name, time_s=60, environment=environment) as models:
            assert models.author is not None
            answered = await models.author.ask("You write plugins.", "Write one.")
            assert answered.text == "a plugin"
            assert answered.usage.cost_usd > 0
            assert server.api_key not in repr(vars(models.author))
        async with plugin_model(name, time_s=60, budget_usd=0.000001, environment=environment) as models:
            assert models.author is not None
            with pytest.raises(ModelError, match="budget"):
                await models.author.ask("You write plugins.", "Write one." * 100)


async def test_without_a_key_it_is_said_where_one_belongs(practicum: Practicum) -> None:
    with pytest.raises(NeedsModelError, match="no key of openai"):
        async with plugin_model("openai/gpt-4o-mini", time_s=60, environment=practicum.environment):
            pass


async def test_a_script_writes_no_plugins_and_no_name_is_no_model() -> None:
    with pytest.raises(UsageError, match="cannot write plugins"):
        async with plugin_model("script/oracle", time_s=60):
            pass
    async with plugin_model("", time_s=60) as models:
        assert (models.author, models.reviewer) == (None, None)


async def test_nothing_of_the_current_folder_runs_where_the_keys_are(
    practicum: Practicum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("yaml", "practicum"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run from the current folder')\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NeedsModelError, match="no key of openai"):
        async with plugin_model("openai/gpt-4o-mini", time_s=60, environment=practicum.environment):
            pass
