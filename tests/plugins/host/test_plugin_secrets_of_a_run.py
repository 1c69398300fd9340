"""A plugin that a scenario names gets its secret from the proctor; nobody else does."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from plugin_wheels import wheel
from practicum_command import COMMAND, Practicum

from practicum.plugins.host.description import Declared
from practicum.plugins.store import Grant, Store

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]

SIGNED = Path(__file__).parent / "signed"

CODE = """
import base64, hashlib, hmac, logging
from urllib.parse import quote
from practicum.api.plugin import Plugin, PluginContext, PluginError, Variable, action

@action(effect="read")
async def sign(context: PluginContext, text: str) -> str:
    \"\"\"Sign a text.\"\"\"
    assert sorted(context.environment) == ["SIGNING_KEY", "SIGNING_UNIT"]
    return hmac.new(context.environment["SIGNING_KEY"].encode(), text.encode(), hashlib.sha256).hexdigest()

@action(effect="read")
async def tell(context: PluginContext, how: str) -> str:
    \"\"\"Give the key away.\"\"\"
    key = context.environment["SIGNING_KEY"]
    if how == "error":
        raise PluginError(f"the key is {key}")
    context.log(f"{how} of {context.environment['SIGNING_UNIT']}: {key}")
    return {"base64": base64.b64encode(key.encode()).decode(), "url": quote(key, safe=""), "raw": key, "log": ""}[how]

plugin = Plugin(
    name="signer", version="VERSION", description="Signs.", actions=(sign, tell),
    environment=(
        Variable(name="SIGNING_KEY", required=True, sensitive=True), Variable(name="SIGNING_UNIT"),
    ),
)
"""


class Place:
    """A project with the plugin installed, and what an operator does there."""

    def __init__(self, folder: Path) -> None:
        # The shell's variable of that name is nobody's word for the plugin's.
        self.practicum = Practicum(folder / "home", folder, {"SIGNING_KEY": "of-the-shell-and-not-meant"})
        self.store = Store(folder / "home" / "plugins")
        self._wheels = folder / "wheels"

    def install(self, version: str) -> None:
        declared = (Declared(name="SIGNING_KEY", required=True, sensitive=True), Declared(name="SIGNING_UNIT"))
        made = wheel(self._wheels, "signer", version, CODE)
        asyncio.run(self.store.add(made, grant=Grant(environment=declared)))
        self.store.activate("signer", version)

    def set_secret(self, variable: str, value: str) -> None:
        subprocess.run(
            [COMMAND, "secrets", "set", variable],
            cwd=self.practicum.cwd, env=self.practicum.environment, input=value, text=True, check=True,
            capture_output=True, timeout=30,
        )  # fmt: skip


def test_it_works_with_the_key_and_the_key_is_nowhere(tmp_path: Path) -> None:
    place, key = Place(tmp_path), f"signing/{secrets.token_urlsafe(24)}"
    place.install("0.1.3")
    place.set_secret("SIGNING_KEY", key)
    place.set_secret("SIGNING_UNIT", "of-what-is-signed")
    done = place.practicum("run", str(SIGNED))
    assert done.returncode == 0, done.stdout + done.stderr
    run = place.practicum.last(done)
    signed = json.loads((run.path / "agents" / "caller" / "signed.json").read_text())
    assert signed["signature"] == hmac.new(key.encode(), b"hello", hashlib.sha256).hexdigest()
    encoded = base64.b64encode(key.encode())
    forms = {key.encode(), encoded, encoded.rstrip(b"="), quote(key, safe="").encode(), key.encode().hex().encode()}
    places = {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}
    # What is no secret is told, so the search sees the plugin's log.
    assert any(b"of-what-is-signed" in data for data in places.values())
    places[Path("stdout")], places[Path("stderr")] = done.stdout.encode(), done.stderr.encode()
    assert [file for file, data in places.items() if any(form in data for form in forms)] == []
    assert all("of-the-shell" not in told and key not in told for told in signed["told"])


def test_without_its_secret_or_in_a_wrong_version_it_is_not_there_and_one_hears_why(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.install("0.1.3")
    missing = place.practicum("run", str(SIGNED))
    assert missing.returncode == 1, missing.stdout + missing.stderr
    assert "needs the variable SIGNING_KEY, and nobody has it (practicum secrets set SIGNING_KEY)" in missing.stdout
    assert "not signed" in missing.stdout
    place.install("0.2.0")
    other = place.practicum("run", str(SIGNED))
    assert other.returncode == 1, other.stdout + other.stderr
    assert "the plugin signer is installed as 0.2.0, the scenario wants ^0.1.0: not loaded" in other.stdout
