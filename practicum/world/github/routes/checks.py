"""Check runs and check suites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from practicum.bus.events import Json
from practicum.world.github import webhooks
from practicum.world.github.body import Body
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.checking import branch_with, suite_for, tell_completed
from practicum.world.github.errors import invalid, not_found
from practicum.world.github.render.checks import check_run as render
from practicum.world.github.render.checks import check_suite as render_suite
from practicum.world.github.routes.commits import need_commit
from practicum.world.github.routes.issues import moment
from practicum.world.github.state import CheckRun

_CONCLUSIONS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required")


def _check(call: Call) -> CheckRun:
    found = call.repo.checks.get(call.number("check_run_id"))
    if found is None:
        raise not_found()
    return found


def _time(body: Body, key: str, default: datetime) -> datetime:
    text = body.text(key)
    return moment(text) if text else default


def _apply(call: Call, check: CheckRun) -> bool:
    """Take over what a body says; True when the check ended by it."""
    body, was = call.body, check.status
    status, conclusion = body.text("status"), body.text("conclusion")
    if status is not None and status not in ("queued", "in_progress", "completed", "waiting", "requested", "pending"):
        raise invalid("CheckRun", "status")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise invalid("CheckRun", "conclusion")
    if status == "completed" and conclusion is None:
        raise invalid("CheckRun", "conclusion", "missing_field")
    check.name = body.text("name") or check.name
    check.external_id = body.text("external_id") or check.external_id
    check.details_url = body.text("details_url") or check.details_url
    output = body.inner("output")
    if output is not None:
        check.title = output.text("title") or check.title
        check.summary = output.text("summary") or check.summary
        check.text = output.text("text") or check.text
        check.annotations.extend(dict(each.values) for each in output.objects("annotations"))
    if conclusion is not None:
        check.status, check.conclusion = "completed", conclusion
        check.completed_at = _time(body, "completed_at", call.core.now())
    elif status is not None:
        check.status, check.conclusion, check.completed_at = status, None, None
    return check.status == "completed" and was != "completed"


@handles("POST", "~/check-runs")
async def create(call: Call) -> Reply:
    core, repo = call.core, call.repo
    name, sha = (
        call.body.need("name", "CheckRun"),
        (await need_commit(call, call.body.need("head_sha", "CheckRun"))).sha,
    )
    suite = suite_for(core, repo, sha, branch_with(repo, sha), call.login)
    check = CheckRun(
        core.next_id(), suite.id, name, sha, call.login, "queued", _time(call.body, "started_at", core.now())
    )
    ended = _apply(call, check)
    repo.checks[check.id] = check
    await webhooks.fire(core, repo, "check_run", "created", call.by, lambda: {"check_run": render(core, repo, check)})
    if ended:
        await tell_completed(core, repo, check, call.by)
    return Reply(render(core, repo, check), 201)


@handles("GET", "~/check-runs/{check_run_id}")
async def get(call: Call) -> Reply:
    return Reply(render(call.core, call.repo, _check(call)))


@handles("PATCH", "~/check-runs/{check_run_id}")
async def edit(call: Call) -> Reply:
    check = _check(call)
    if _apply(call, check):
        await tell_completed(call.core, call.repo, check, call.by)
    return Reply(render(call.core, call.repo, check))


@handles("GET", "~/check-runs/{check_run_id}/annotations")
async def list_annotations(call: Call) -> Reply:
    blob = f"{call.core.html}/{call.repo.full_name}/blob/{_check(call).sha}"

    def shown(given: dict[str, object]) -> dict[str, Json]:
        keys = (
            "path",
            "start_line",
            "end_line",
            "start_column",
            "end_column",
            "annotation_level",
            "message",
            "title",
            "raw_details",
        )
        found: dict[str, Json] = {}
        for key in keys:
            value = given.get(key)
            found[key] = value if isinstance(value, str | int) else None
        found["blob_href"] = f"{blob}/{given.get('path')}"
        return found

    return call.listing(_check(call).annotations, shown)


def _filtered(call: Call, checks: Sequence[CheckRun]) -> Reply:
    if call.query("check_name"):
        checks = [check for check in checks if check.name == call.query("check_name")]
    if call.query("status"):
        checks = [check for check in checks if check.status == call.query("status")]
    if call.query("filter", "latest") == "latest":
        checks = list({(check.name, check.app): check for check in checks}.values())
    return call.counted("check_runs", checks, lambda check: render(call.core, call.repo, check))


@handles("GET", "~/commits/{ref}/check-runs")
async def of_commit(call: Call) -> Reply:
    sha = (await need_commit(call, call.arg("ref"))).sha
    return _filtered(call, [check for check in call.repo.checks.values() if check.sha == sha])


@handles("GET", "~/commits/{ref}/check-suites")
async def suites_of_commit(call: Call) -> Reply:
    commit = await need_commit(call, call.arg("ref"))
    found = [suite for suite in call.repo.suites.values() if suite.sha == commit.sha]
    return call.counted("check_suites", found, lambda suite: render_suite(call.core, call.repo, suite, commit))


@handles("GET", "~/check-suites/{check_suite_id}")
async def suite(call: Call) -> Reply:
    found = call.repo.suites.get(call.number("check_suite_id"))
    if found is None:
        raise not_found()
    return Reply(render_suite(call.core, call.repo, found, await call.repo.git.commit(found.sha)))


@handles("GET", "~/check-suites/{check_suite_id}/check-runs")
async def of_suite(call: Call) -> Reply:
    number = call.number("check_suite_id")
    if number not in call.repo.suites:
        raise not_found()
    return _filtered(call, [check for check in call.repo.checks.values() if check.suite == number])
