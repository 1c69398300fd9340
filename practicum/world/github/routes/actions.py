"""GitHub Actions: workflows, runs, jobs, logs, artifacts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, not_found, unprocessable
from practicum.world.github.render import actions as render
from practicum.world.github.render.actions import branch_of
from practicum.world.github.render.basics import Object
from practicum.world.github.state import Artifact, Job, Workflow, WorkflowRun
from practicum.world.service import WorkflowTrigger


def _workflow(call: Call) -> Workflow:
    """By number or by file name."""
    given = call.arg("workflow_id")
    for workflow in call.repo.workflows.values():
        if given in (str(workflow.id), workflow.path, workflow.path.rpartition("/")[2]):
            return workflow
    raise not_found()


def _run(call: Call) -> WorkflowRun:
    found = call.repo.runs.get(call.number("run_id"))
    if found is None:
        raise not_found()
    return found


def _job(call: Call) -> Job:
    found = call.repo.jobs.get(call.number("job_id"))
    if found is None:
        raise not_found()
    return found


def _artifact(call: Call) -> Artifact:
    found = call.repo.artifacts.get(call.number("artifact_id"))
    if found is None:
        raise not_found()
    return found


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


@handles("GET", "~/actions/workflows")
async def workflows(call: Call) -> Reply:
    found = list(call.repo.workflows.values())
    return call.counted("workflows", found, lambda each: render.workflow(call.core, call.repo, each))


@handles("GET", "~/actions/workflows/{workflow_id}")
async def get_workflow(call: Call) -> Reply:
    return Reply(render.workflow(call.core, call.repo, _workflow(call)))


async def _runs(call: Call, runs: Sequence[WorkflowRun]) -> Reply:
    tests: dict[str, Callable[[WorkflowRun], str | None]] = {
        "branch": branch_of,
        "event": lambda run: run.trigger.event,
        "actor": lambda run: run.trigger.actor,
        "head_sha": lambda run: run.trigger.sha,
    }
    found = [run for run in reversed(runs) if all(call.query(key) in ("", get(run)) for key, get in tests.items())]
    status = call.query("status")
    if status:
        found = [run for run in found if status in (run.status, run.conclusion)]
    page, headers = call.page(found)
    shown = [await _shown(call, run) for run in page]
    return Reply({"total_count": len(found), "workflow_runs": [*shown]}, headers=headers)


async def _shown(call: Call, run: WorkflowRun) -> Object:
    return render.workflow_run(call.core, call.repo, run, await call.repo.git.commit(run.trigger.sha))


@handles("GET", "~/actions/workflows/{workflow_id}/runs")
async def runs_of_workflow(call: Call) -> Reply:
    workflow = _workflow(call)
    return await _runs(call, [run for run in call.repo.runs.values() if run.workflow == workflow.id])


@handles("POST", "~/actions/workflows/{workflow_id}/dispatches")
async def dispatch(call: Call) -> Reply:
    core, repo, given = call.core, call.repo, call.arg("workflow_id")
    ref = call.body.need("ref", "WorkflowDispatch")
    sha = await repo.git.resolve(ref)
    if sha is None:
        raise unprocessable(f"No ref found for: {ref}")
    if core.runner is None or core.sink is None:
        raise unprocessable("Workflow does not have 'workflow_dispatch' trigger")
    known = next((each for each in repo.workflows.values() if str(each.id) == given), None)
    inputs = call.body.inner("inputs")
    payload: Object = {
        "workflow": known.path if known else f".github/workflows/{given}",
        "inputs": dict(inputs.values) if inputs else {},
    }
    full = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    started = await core.runner.trigger(
        WorkflowTrigger(
            "workflow_dispatch", repo.full_name, repo.git.path, sha, full, call.login, payload, call.by.event
        ),
        core.sink,
    )
    if not started:
        raise unprocessable("Workflow does not have 'workflow_dispatch' trigger")
    return Reply(status=204)


@handles("GET", "~/actions/runs")
async def runs(call: Call) -> Reply:
    return await _runs(call, list(call.repo.runs.values()))


@handles("GET", "~/actions/runs/{run_id}")
async def get_run(call: Call) -> Reply:
    return Reply(await _shown(call, _run(call)))


@handles("POST", "~/actions/runs/{run_id}/rerun")
async def rerun(call: Call) -> Reply:
    """Trigger the same again. The runner starts a run of its own, so it has a number of its own."""
    run = _run(call)
    if run.status != "completed":
        raise ApiError(403, "The workflow run is already running")
    if call.core.runner is None or call.core.sink is None:
        raise ApiError(403, "Unable to rerun this workflow run")
    old = run.trigger
    trigger = WorkflowTrigger(
        old.event, old.repo, old.repository, old.sha, old.ref, call.login, old.payload, call.by.event
    )
    await call.core.runner.trigger(trigger, call.core.sink)
    return Reply({}, 201)


@handles("GET", "~/actions/runs/{run_id}/jobs")
async def jobs(call: Call) -> Reply:
    found = [call.repo.jobs[number] for number in _run(call).jobs]
    return call.counted("jobs", found, lambda each: render.job(call.core, call.repo, each))


@handles("GET", "~/actions/jobs/{job_id}")
async def get_job(call: Call) -> Reply:
    return Reply(render.job(call.core, call.repo, _job(call)))


@handles("GET", "~/actions/jobs/{job_id}/logs")
async def job_log(call: Call) -> Reply:
    return Reply(content=_job(call).log.encode(), content_type="text/plain; charset=utf-8")


@handles("GET", "~/actions/runs/{run_id}/logs")
async def run_log(call: Call) -> Reply:
    found = [call.repo.jobs[number] for number in _run(call).jobs]
    files = {f"{at}_{job.name.replace('/', '_')}.txt": job.log.encode() for at, job in enumerate(found)}
    return Reply(content=_zip(files), content_type="application/zip")


@handles("GET", "~/actions/artifacts")
async def artifacts(call: Call) -> Reply:
    name = call.query("name")
    found = [each for each in call.repo.artifacts.values() if name in ("", each.name)]
    return call.counted("artifacts", found, lambda each: render.artifact(call.core, call.repo, each))


@handles("GET", "~/actions/runs/{run_id}/artifacts")
async def artifacts_of_run(call: Call) -> Reply:
    number = _run(call).id
    found = [each for each in call.repo.artifacts.values() if each.run == number]
    return call.counted("artifacts", found, lambda each: render.artifact(call.core, call.repo, each))


@handles("GET", "~/actions/artifacts/{artifact_id}")
async def get_artifact(call: Call) -> Reply:
    return Reply(render.artifact(call.core, call.repo, _artifact(call)))


@handles("DELETE", "~/actions/artifacts/{artifact_id}")
async def delete_artifact(call: Call) -> Reply:
    del call.repo.artifacts[_artifact(call).id]
    return Reply(status=204)


@handles("GET", "~/actions/artifacts/{artifact_id}/{archive_format}")
async def download(call: Call) -> Reply:
    """The zip itself; the true GitHub answers with a redirect to where it lies."""
    artifact = _artifact(call)
    if call.arg("archive_format") != "zip":
        raise not_found()
    return Reply(content=_zip({artifact.name: artifact.content}), content_type="application/zip")
