"""What is said when node, npm or a registry is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from practicum.errors import InfrastructureError
from practicum.plugins.toolchains.typescript import TypeScriptToolchain
from practicum.plugins.toolchains.typescript.programs import new_enough


async def test_without_node_the_line_that_installs_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InfrastructureError, match="need node, which is not installed") as raised:
        await TypeScriptToolchain(tmp_path / "cache").prepare()
    assert "apt-get install -y nodejs npm" in raised.value.hint


@pytest.mark.slow
@pytest.mark.timeout(600)  # for the packages that may be installed, or be waited for, before it begins
@pytest.mark.usefixtures("typescript_cache")
async def test_without_a_registry_it_says_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    toolchain = TypeScriptToolchain(tmp_path / "cache", download=False, progress=said.append)
    with pytest.raises(InfrastructureError, match="npm cannot install") as raised:
        await toolchain.prepare()
    assert "registry" in raised.value.hint
    assert "about 30 s" in said[0]
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize(("said", "fine"), [("v20.20.2\n", True), ("v20.11.0", True), ("v18.20.1", False), ("", False)])
def test_old_versions_of_node_are_refused(said: str, fine: bool) -> None:
    assert new_enough(said) is fine
