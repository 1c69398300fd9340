"""Whole jobs through the real pipeline, in real sandboxes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from factory_kit import BROKEN, CODE, SPEC, WRONG, Events, Said, answer

from practicum.plugins.jobs.cancelling import cancel
from practicum.plugins.jobs.runner import work
from practicum.plugins.jobs.store import JobStore
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.python import PythonToolchain

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(240)]


@pytest.fixture
def toolchain(tmp_path_factory: pytest.TempPathFactory) -> PythonToolchain:
    """With a cache that all tests of a session share: filling it takes longer than they do."""
    return PythonToolchain(tmp_path_factory.getbasetemp().parent / "plugin-cache")


def descendants() -> set[int]:
    """Processes that this one started, and those that they did."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found = {int(Path("/proc/self").resolve().name)}
    before = 0
    while len(found) != before:
        before = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found - {int(Path("/proc/self").resolve().name)}


async def test_it_does_not_compile_then_fails_a_test_then_passes(tmp_path: Path, toolchain: PythonToolchain) -> None:
    model = Said(answer(BROKEN), answer(WRONG), answer(CODE))
    with JobStore(tmp_path / "plugins") as store:
        job = store.create(SPEC, model=model.name)
        job = await work(job, store=store, toolchain=toolchain, model=model)
    assert (job.state, job.iteration) == ("succeeded", 3), job.reason
    assert [one.failed_phase for one in job.iterations][1:] == ["testing", ""]
    assert BROKEN in model.prompts[1]
    assert "test_double_example_1" in model.prompts[2]
    assert job.artifact.endswith("doubler_plugin-0.1.0-py3-none-any.whl")
    assert Path(job.artifact).is_file()
    assert (job.checks["pytest"], job.checks["components"]) == ("passed", "passed")


async def test_unimplemented_behaviour_fails_where_components_are_called(
    tmp_path: Path, toolchain: PythonToolchain
) -> None:
    vague = {"name": "guess", "description": "Guesses the number."}
    spec = PluginSpecification.model_validate({**SPEC.model_dump(), "actions": [*SPEC.model_dump()["actions"], vague]})
    with JobStore(tmp_path / "plugins") as store:
        job = await work(store.create(spec), store=store, toolchain=toolchain)
    assert job.state == "failed"
    assert "at validating" in job.reason
    assert "not implemented" in job.reason


async def test_cancel_leaves_no_process(tmp_path: Path, toolchain: PythonToolchain) -> None:
    hanging = (
        "import subprocess, time\n\n\ndef test_x():\n    subprocess.Popen(['/bin/sleep', '999'])\n    time.sleep(999)\n"
    )
    model, events = Said(answer(CODE) + answer(hanging, "tests/test_hangs.py")), Events()
    before = descendants()
    with JobStore(tmp_path / "plugins") as store:
        job = store.create(SPEC, model=model.name)
        task = asyncio.create_task(work(job, store=store, toolchain=toolchain, model=model, on_event=events))
        await events.until("testing")
        while not (descendants() - before):
            await asyncio.wait([task], timeout=0.02)
        began = time.monotonic()
        assert (await cancel(store, job.id)).state == "cancelled"
        assert not descendants() - before
        assert time.monotonic() - began < 2
        assert (await task).state == "cancelled"
        assert store.get(job.id).state == "cancelled"
