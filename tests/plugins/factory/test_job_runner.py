"""A job goes from the queue to its end, and only what was executed decides which."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory_kit import BROKEN, CODE, PATH, SPEC, WRONG, Events, Said, StandIn, answer

from practicum.bus.events.plugin import PluginAdvanced, PluginRequested
from practicum.errors import InfrastructureError, ModelError, PracticumError
from practicum.models.testing import Conversation, ModelServer, Reply
from practicum.plugins.asking import ask_model
from practicum.plugins.jobs.cancelling import cancel
from practicum.plugins.jobs.requesting import request
from practicum.plugins.jobs.runner import work
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobLimits, JobStore
from practicum.plugins.pipeline.checking import Tasks
from practicum.plugins.specification import PluginSpecification


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    with JobStore(tmp_path / ".practicum" / "plugins") as opened:
        yield opened


async def test_a_model_mends_its_plugin_until_it_passes(store: JobStore) -> None:
    said = [answer(BROKEN), answer(WRONG), answer(CODE)]

    async def policy(conversation: Conversation) -> Reply:
        return Reply(text=said.pop(0))

    toolchain, events = StandIn(), Events()
    async with ModelServer(policy) as server:
        model = ask_model("anthropic/claude-sonnet-4-5", base_url=server.anthropic_url, api_key=server.api_key)
        job = await request(store, SPEC, events, model=model.name)
        job = await work(job, store=store, toolchain=toolchain, model=model, on_event=events)
        await model.close()
        prompts = [seen.conversation.news for seen in server.seen if seen.conversation is not None]
    assert (job.state, job.iteration, job.source) == ("succeeded", 3, "model")
    assert job.reason == "passed at iteration 3"
    assert [one.failed_phase for one in job.iterations] == ["building", "testing", ""]
    assert [(one.iteration, one.phase) for one in job.errors] == [(1, "building"), (2, "testing")]
    assert all(one.output_tokens and one.cost_usd for one in job.iterations)
    assert Path(job.artifact).read_text() == "wheel"
    assert BROKEN in prompts[1]
    assert "expected ':' in line" in prompts[1]
    assert "log of building" in prompts[1]
    assert WRONG in prompts[2]
    assert "where 6 = double(2)" in prompts[2]
    assert "iteration 1 failed at building" in prompts[2]
    assert isinstance(events.seen[0], PluginRequested)
    assert events.states == [
        *("generating", "building"),
        *("iterating", "building", "linting", "testing"),
        *("iterating", "building", "linting", "testing", "validating", "succeeded"),
    ]
    last = events.seen[-1]
    assert isinstance(last, PluginAdvanced)
    assert last.facts["tests"] == 1
    assert last.facts["source"] == "model"


async def test_without_a_model_templates_write_it_and_say_so(store: JobStore) -> None:
    job = await work(store.create(SPEC), store=store, toolchain=StandIn())
    assert (job.state, job.source, job.model) == ("succeeded", "template", "")
    assert "Written from templates" in (Path(job.folder) / "source" / "README.md").read_text()


async def test_unimplemented_behaviour_never_succeeds_whatever_the_pipeline_says(store: JobStore) -> None:
    spec = PluginSpecification.model_validate(
        {"name": "oracle", "description": "Knows.", "actions": [{"name": "know", "description": "Know all."}]}
    )
    job = await work(store.create(spec), store=store, toolchain=StandIn())
    assert job.state == "failed"
    assert "validating" in job.reason
    assert "not everything that the specification names is implemented" in job.reason


async def test_the_same_files_with_the_same_failure_end_it(store: JobStore) -> None:
    model = Said(answer(WRONG), answer(WRONG), answer(CODE))
    job = await work(store.create(SPEC, model=model.name), store=store, toolchain=StandIn(), model=model)
    assert job.state == "failed"
    assert job.iteration == 2
    assert job.reason.startswith("no progress: iteration 2 has the files and the failure of iteration 1")


async def test_it_ends_after_as_many_iterations_as_it_may_have(store: JobStore) -> None:
    model = Said(*(answer(WRONG + f"# {number}\n") for number in range(9)))
    job = store.create(SPEC, model=model.name, max_iterations=3)
    job = await work(job, store=store, toolchain=StandIn(), model=model)
    assert (job.state, job.iteration, len(job.iterations)) == ("failed", 3, 3)
    assert "after 3 iterations" in job.reason


async def test_an_answer_that_cannot_be_used_is_told_to_the_model(store: JobStore) -> None:
    model = Said("I will do that.", answer(CODE, "../x.py"), answer(CODE)[:-8], answer(CODE))
    toolchain = StandIn()
    job = await work(store.create(SPEC, model=model.name), store=store, toolchain=toolchain, model=model)
    assert (job.state, job.iteration) == ("succeeded", 4)
    assert len(toolchain.checked) == 1
    assert "no files" in model.prompts[1]
    assert "leaves the plugin's folder" in model.prompts[2]
    assert "breaks off" in model.prompts[3]
    assert not (Path(job.folder) / "x.py").exists()


async def test_files_that_the_specification_makes_cannot_be_changed_by_a_model(store: JobStore) -> None:
    forged = answer(CODE) + "\n" + answer("def test_x(): pass\n", "tests/test_specification.py")
    toolchain = StandIn()
    model = Said(forged)
    await work(store.create(SPEC, model=model.name), store=store, toolchain=toolchain, model=model)
    assert "double" in toolchain.checked[0]["tests/test_specification.py"]


async def test_a_file_can_be_removed(store: JobStore) -> None:
    model = Said(answer(WRONG) + answer("x = 1\n", "src/doubler_plugin/more.py"))
    model.answers.append(answer(CODE) + answer("DELETED\n", "src/doubler_plugin/more.py"))
    toolchain = StandIn()
    await work(store.create(SPEC, model=model.name), store=store, toolchain=toolchain, model=model)
    assert "src/doubler_plugin/more.py" in toolchain.checked[0]
    assert "src/doubler_plugin/more.py" not in toolchain.checked[1]


async def test_a_model_that_does_not_answer_fails_the_job_with_the_reason(store: JobStore) -> None:
    model = Said(ModelError("no answer within 600 s"))
    job = await work(store.create(SPEC, model=model.name), store=store, toolchain=StandIn(), model=model)
    assert (job.state, job.reason) == ("failed", "the model gave no answer: no answer within 600 s")


async def test_templates_step_in_only_when_told(store: JobStore) -> None:
    model = Said(ModelError("gone"))
    job = await work(store.create(SPEC, model="x/y", fallback=True), store=store, toolchain=StandIn(), model=model)
    assert (job.state, job.source) == ("succeeded", "template")
    model = Said(answer(WRONG), answer(WRONG))
    job = await work(store.create(SPEC, model="x/y", fallback=True), store=store, toolchain=StandIn(), model=model)
    assert (job.state, job.source, job.iteration) == ("succeeded", "template", 3)
    job = await work(store.create(SPEC, model="x/y"), store=store, toolchain=StandIn())
    assert (job.state, job.reason) == ("failed", "there is no access to the model x/y")


async def test_given_files_are_checked_as_they_are(store: JobStore) -> None:
    job = await work(store.create(SPEC), store=store, toolchain=StandIn(), given={PATH: CODE})
    assert (job.state, job.source) == ("succeeded", "given")
    job = await work(store.create(SPEC), store=store, toolchain=StandIn(), given={PATH: WRONG})
    assert job.state == "failed"
    assert job.reason.startswith("the given files fail at testing")


async def test_a_plugin_that_does_not_load_when_installed_is_mended_too(store: JobStore) -> None:
    installed: list[str] = []

    async def install(job: Job, artifact: Path) -> None:
        installed.append(artifact.name)
        if len(installed) == 1:
            raise PracticumError("its health check says: no")

    model = Said(answer(CODE), answer(CODE + "# 2\n"))
    job = store.create(SPEC, model=model.name)
    job = await work(job, store=store, toolchain=StandIn(), model=model, install=install)
    assert (job.state, job.iteration, len(installed)) == ("succeeded", 2, 2)
    assert job.errors[0].phase == "installing"
    assert "its health check says: no" in model.prompts[1]


async def test_a_broken_pipeline_is_not_the_plugins_fault(store: JobStore) -> None:
    class Broken(StandIn):
        async def check(self, *_: object) -> None:  # type: ignore[override]
            raise InfrastructureError("there is no sandbox")

    job = await work(store.create(SPEC), store=store, toolchain=Broken())
    assert (job.state, job.reason) == ("failed", "infrastructure: there is no sandbox")


async def test_a_full_disk_is_not_the_plugins_fault_either(store: JobStore) -> None:
    class Full(StandIn):
        async def check(self, *_: object) -> None:  # type: ignore[override]
            raise OSError(errno.ENOSPC, "No space left on device", "/scratch/x")

    job = await work(store.create(SPEC), store=store, toolchain=Full())
    assert (job.state, job.reason) == ("failed", "infrastructure: No space left on device: /scratch/x")


async def test_a_store_that_takes_no_end_is_told_as_it_is_and_not_as_a_group(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Job:
        raise InfrastructureError("jobs.db: database or disk is full")

    class Filling(StandIn):
        async def check(self, *_: object) -> None:  # type: ignore[override]
            monkeypatch.setattr(store, "advance", full)
            raise InfrastructureError("there is no sandbox")

    job = store.create(SPEC)
    with pytest.raises(InfrastructureError, match="disk is full"):
        async with Tasks() as tasks:
            tasks.start(work(job, store=store, toolchain=Filling()))


async def test_a_mistake_of_ours_ends_the_job_and_is_told(store: JobStore) -> None:
    class Broken(StandIn):
        async def check(self, *_: object) -> None:  # type: ignore[override]
            raise ZeroDivisionError("oh")

    job = await work(store.create(SPEC), store=store, toolchain=Broken())
    assert (job.state, job.reason) == ("failed", "internal error: ZeroDivisionError: oh")


async def test_a_job_that_takes_too_long_times_out(store: JobStore) -> None:
    toolchain = StandIn(lambda phase: asyncio.Event().wait() if phase == "testing" else None)
    job = await work(store.create(SPEC, timeout_s=2), store=store, toolchain=toolchain)
    assert job.state == "timed_out"
    assert job.reason == "not ready within 2 s: it was testing"


SECRET = SPEC.model_copy(
    update={
        "environment": PluginSpecification.model_validate(
            {
                **SPEC.model_dump(),
                "environment": [{"name": "API_TOKEN", "required": True, "sensitive": True}, {"name": "REGION"}],
            }
        ).environment
    }
)


async def test_a_missing_secret_is_waited_for_and_never_asked_of_the_model(store: JobStore) -> None:
    there, events = asyncio.Event(), Events()
    asked: list[str] = []

    async def wait_secret(name: str) -> None:
        asked.append(name)
        await there.wait()

    model = Said(answer(CODE))
    job = store.create(SECRET, model=model.name)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(
            work(job, store=store, toolchain=StandIn(), model=model, on_event=events, wait_secret=wait_secret)
        )
        await events.until("waits for the secret API_TOKEN")
        await events.until("validating")
        assert store.get(job.id).waits_for == "the secret API_TOKEN"
        assert not task.done()
        there.set()
    assert asked == ["API_TOKEN"]
    assert task.result().state == "succeeded"
    assert task.result().waits_for == ""


async def test_a_secret_that_is_there_is_not_waited_for(store: JobStore) -> None:
    async def wait_secret(name: str) -> None:
        return

    events = Events()
    job = await work(store.create(SECRET), store=store, toolchain=StandIn(), on_event=events, wait_secret=wait_secret)
    assert job.state == "succeeded"
    assert not any("waits for" in reason for reason in events.reasons)


@pytest.mark.parametrize("state", ["generating", "building", "linting", "testing", "validating", "iterating"])
async def test_cancel_ends_it_in_every_state_and_it_stays_cancelled(store: JobStore, state: str) -> None:
    events, ended = Events(), []

    async def hang(what: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(what)

    class Slow(Said):
        async def ask(self, system: str, prompt: str):  # type: ignore[no-untyped-def]
            if state == "generating" or (state == "iterating" and "iteration 2" in prompt):
                await hang(state)
            return await super().ask(system, prompt)

    toolchain = StandIn(lambda phase: hang(phase) if phase == state else None)
    model = Slow(answer(WRONG if state == "iterating" else CODE), answer(CODE))
    job = store.create(SPEC, model=model.name)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work(job, store=store, toolchain=toolchain, model=model, on_event=events))
        await events.until(state)
        async with asyncio.timeout(2):
            found = await cancel(store, job.id, by="ada")
    assert (found.state, found.reason) == ("cancelled", "cancelled by ada")
    assert task.result().state == "cancelled"
    assert ended == [state]
    again = await work(job, store=store, toolchain=toolchain, model=model)
    assert again.state == "cancelled"
    assert (await cancel(store, job.id, by="bob")).reason == "cancelled by ada"


async def test_a_queued_job_can_be_cancelled_without_anybody_working_on_it(store: JobStore) -> None:
    job = store.create(SPEC)
    assert (await cancel(store, job.id)).state == "cancelled"
    assert (await work(job, store=store, toolchain=StandIn())).state == "cancelled"


async def test_when_the_task_is_cancelled_so_is_the_job(store: JobStore) -> None:
    events = Events()
    toolchain = StandIn(lambda phase: asyncio.Event().wait())
    job = store.create(SPEC)
    task = asyncio.create_task(work(job, store=store, toolchain=toolchain, on_event=events))
    await events.until("building")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.get(job.id).state == "cancelled"


async def test_more_jobs_than_the_limit_wait_in_the_queue(tmp_path: Path) -> None:
    open_gate, two, running, most = asyncio.Event(), asyncio.Event(), [0], [0]

    async def pass_gate() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        if running[0] == 2:
            two.set()
        await open_gate.wait()
        running[0] -= 1

    toolchain = StandIn(lambda phase: pass_gate() if phase == "building" else None)
    with JobStore(tmp_path, limits=JobLimits(live=2)) as store:
        over = store.create(SPEC)
        await cancel(store, over.id)
        jobs = [store.create(SPEC) for _ in range(5)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work(one, store=store, toolchain=toolchain)) for one in jobs]
            async with asyncio.timeout(30):
                await two.wait()
            assert sum(store.get(one.id).state == "queued" for one in jobs) == 3
            open_gate.set()
        assert [task.result().state for task in tasks] == ["succeeded"] * 5
    assert most[0] <= 2


async def test_prompts_answers_and_reports_are_kept_without_leases(store: JobStore) -> None:
    lease = "pracl_" + "x" * 43
    model = Said(answer(WRONG + f"# {lease}\n"), answer(CODE))
    job = await work(store.create(SPEC, model=model.name), store=store, toolchain=StandIn(), model=model)
    folder = Path(job.folder) / "iterations"
    assert sorted(path.name for path in (folder / "1").iterdir()) == [
        *("answer.md", "failure.md", "files.json", "prompt.md", "report.json"),
    ]
    assert json.loads((folder / "2" / "report.json").read_text())["phases"][0]["phase"] == "building"
    assert lease not in model.prompts[1]
    assert lease not in (folder / "1" / "answer.md").read_text()
