"""Choosing a tier by what it really enforces."""

from __future__ import annotations

from pathlib import Path

import pytest

from practicum.api.sandbox import Isolation, SandboxProvider
from practicum.errors import IsolationError, UsageError
from practicum.sandbox import describe, detect, probe, programs
from practicum.sandbox.bubblewrap import BubblewrapProvider
from practicum.sandbox.detect import detect_all, pick, select
from practicum.sandbox.local import LocalProvider
from practicum.sandbox.namespaces import NamespacesProvider

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of our own, and nobody's permission to be unsafe."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(detect.ALLOW_UNSAFE, raising=False)


def without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_found", {})
    real = programs.shutil.which
    monkeypatch.setattr(programs.shutil, "which", lambda name, path: None if name == "bwrap" else real(name, path=path))


async def test_the_strongest_tier_is_picked_and_enforces_what_was_required() -> None:
    provider = await pick()
    assert provider.name == "bubblewrap"
    assert (await provider.detect()).missing(("fs", "net", "pid")) == ()


async def test_without_bubblewrap_the_next_tier_is_picked(monkeypatch: pytest.MonkeyPatch) -> None:
    without_bubblewrap(monkeypatch)
    assert isinstance(await pick(), NamespacesProvider)
    first = (await describe())[0]
    assert (first.works, first.mend) == (False, "apt-get install -y bubblewrap")


async def test_the_hosts_own_tier_is_never_picked_and_says_that_it_enforces_nothing() -> None:
    isolation = await (await select("local")).detect()
    assert {value for name, value in isolation.as_dict().items() if name != "tier"} == {"none"}
    assert any("no isolation" in remark for remark in isolation.remarks)


async def test_what_cannot_be_had_is_named_with_the_line_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without_bubblewrap(monkeypatch)
    with pytest.raises(IsolationError) as caught:
        await pick(("fs", "cpu"))
    assert "namespaces: does not enforce cpu" in str(caught.value)
    assert "bubblewrap: the program bwrap is not installed" in str(caught.value)
    assert caught.value.hint.startswith("apt-get install -y bubblewrap")


async def test_unsafe_needs_the_variable_takes_the_best_there_is_and_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(detect.ALLOW_UNSAFE, "yes")
    with pytest.raises(IsolationError):
        await pick(("cpu",))
    monkeypatch.setenv(detect.ALLOW_UNSAFE, "1")
    provider = await pick(("cpu",))
    assert isinstance(provider, BubblewrapProvider)
    assert (await provider.detect()).remarks[0] == f"UNSAFE by {detect.ALLOW_UNSAFE}: cpu not enforced"


async def test_unsafe_on_a_machine_without_any_sandbox_is_the_host_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    without_bubblewrap(monkeypatch)
    monkeypatch.setattr(detect, "_TIERS", (BubblewrapProvider,))
    with pytest.raises(IsolationError, match="bwrap is not installed"):
        await pick()
    provider = await pick(allow_unsafe=True)
    assert isinstance(provider, LocalProvider)
    assert (await provider.detect()).remarks[0].startswith("UNSAFE")


async def test_names_that_nobody_has_are_refused_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match="known: bubblewrap, namespaces, local"):
        await select("docker-in-docker")
    with pytest.raises(UsageError, match="known: fs, net, pid"):
        await pick(("filesystem",))


async def test_a_second_look_comes_from_the_cache_and_a_failure_is_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    first = await detect_all()

    async def tried(provider: SandboxProvider) -> Isolation:
        raise AssertionError(f"{provider.name} was tried again")

    with monkeypatch.context() as patched:
        patched.setattr(probe, "probe", tried)
        assert await detect_all() == first
    without_bubblewrap(monkeypatch)
    assert (await detect_all())[0].fs == "none"
    monkeypatch.undo()
    assert (await detect_all())[0].fs == "enforced"


async def test_the_probe_sees_that_the_host_itself_does_not_isolate() -> None:
    """The same probe in a place without walls: it must find each of them missing."""
    found = await probe.probe(LocalProvider())
    assert (found.fs, found.net, found.pid, found.seccomp) == ("none", "none", "none", "none")
    assert found.mem in ("per_process", "none")
