"""A job that needs a secret waits until an operator has put it into the vault; no model is asked for it."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
from pathlib import Path

import pytest
from practicum_command import COMMAND, Practicum

from practicum.errors import UsageError
from practicum.proctor.vault.variables import variable_secret
from practicum.runtime.plugin_secrets import PluginSecrets

SPEC = """
name: letters
description: Signs letters.
actions:
  - name: greet
    description: A greeting.
    parameters: [{name: who}]
    returns: string
    effect: read
    formula: '"Dear " + who'
    examples: [{input: {who: Ann}, output: Dear Ann}]
capabilities: [env]
environment:
  - {name: LETTERS_TOKEN, required: true, sensitive: true}
"""


def put(practicum: Practicum, name: str, value: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "secrets", "set", name], input=value, env=practicum.environment, capture_output=True, text=True,
        timeout=30,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(150)
@pytest.mark.sandbox
def test_a_job_waits_and_goes_on_when_the_secret_is_there(practicum: Practicum) -> None:
    (practicum.cwd / "letters.yaml").write_text(SPEC)
    value = secrets.token_hex(16)
    with practicum.start("plugin", "create", "letters.yaml", "--install") as running:
        assert running.stdout is not None
        said = ""
        while "waits for" not in said:
            line = running.stdout.readline()
            assert line, said
            said += line
        assert "LETTERS_TOKEN" in said
        shown = json.loads(practicum("plugin", "status", "--json").stdout)
        assert shown["waits_for"]
        done = put(practicum, "LETTERS_TOKEN", value)
        assert done.returncode == 0, done.stderr
        output, errors = running.communicate(timeout=110)
    assert running.returncode == 0, said + output + errors
    assert "letters is ready" in said + output
    everything = said + output + errors + done.stdout
    assert value not in everything
    kept = [path for path in practicum.home.rglob("*") if path.is_file() and value.encode() in path.read_bytes()]
    assert not kept


async def test_the_wait_ends_with_the_change_and_not_with_another_secret(practicum: Practicum) -> None:
    vault = PluginSecrets(practicum.environment)
    waiting = asyncio.create_task(vault.wait("WEATHER_TOKEN"))
    try:
        await asyncio.to_thread(put, practicum, "OTHER_TOKEN", secrets.token_hex(8))
        assert not waiting.done()
        await asyncio.to_thread(put, practicum, "WEATHER_TOKEN", secrets.token_hex(8))
        async with asyncio.timeout(40):
            await waiting
    finally:
        waiting.cancel()
    async with asyncio.timeout(20):
        await vault.wait("WEATHER_TOKEN")


def test_a_variable_of_a_plugin_is_no_key_of_a_service(practicum: Practicum) -> None:
    value = secrets.token_hex(16)
    assert put(practicum, "github", value).returncode == 0
    assert not PluginSecrets(practicum.environment).has("GITHUB_TOKEN")
    assert PluginSecrets(practicum.environment).value("GITHUB_TOKEN") is None
    refused = put(practicum, "GITHUB_TOKEN", value)
    assert refused.returncode == 2
    assert "practicum secrets set github" in refused.stderr
    assert put(practicum, "plugin/github_token", value).returncode == 0
    assert PluginSecrets(practicum.environment).value("GITHUB_TOKEN") == value
    assert practicum("secrets", "remove", "plugin/github_token").returncode == 0


def test_names_that_are_none_are_refused(tmp_path: Path) -> None:
    for name in ("lower", "A" * 58, "A-B", ""):
        with pytest.raises(UsageError):
            variable_secret(name)
