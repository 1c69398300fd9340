"""Every answer has the shape that GitHub publishes for the operation that gave it."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import github_description
import pytest
from github_description import Description, plain
from github_team import REPO, Team, open_team

from practicum.world.github import ROUTES, GitHub
from practicum.world.service import CheckSink, WorkflowTrigger, WorldContext

pytestmark = [pytest.mark.contract, pytest.mark.timeout(300)]  # the first time a registry answers at its own pace
_UNPUBLISHED = {
    ("GET", "/repositories/{repository_id}"),
    ("GET", "/repos/{owner}/{repo}/contents"),
    ("GET", "/repos/{owner}/{repo}/git/refs"),
    ("GET", "/repos/{owner}/{repo}/git/refs/{ref}"),
    ("GET", "/repos/{owner}/{repo}/statuses/{sha}"),
}
"""Routes that PyGithub uses and GitHub answers, though its description leaves them out."""


class Quick:
    """A workflow runner whose one job has passed before `trigger` returns."""

    def __init__(self, context: WorldContext) -> None:
        self.triggers: list[WorkflowTrigger] = []

    async def trigger(self, trigger: WorkflowTrigger, sink: CheckSink) -> int:
        self.triggers.append(trigger)
        check = await sink.check_started(trigger, "ci", "test")
        await sink.check_completed(
            check, conclusion="success", title="14 passed", summary="fine", log="ok\n", artifacts={"out.txt": b"42"}
        )
        return 1

    async def close(self) -> None: ...


class Journey:
    """Calls routes, holds each answer to the description, and remembers which were called."""

    def __init__(self, team: Team, description: Description) -> None:
        self.team, self.description = team, description
        self.visited: set[tuple[str, str]] = set()
        self.problems: list[str] = []

    async def __call__(
        self, method: str, template: str, *, by: str = "lead", body: object = None, expect: int = 0, **values: object
    ) -> Any:
        """`~` is the repository; `values` fill the template, and what is left over becomes the query."""
        template = template.replace("~", "/repos/{owner}/{repo}")
        values = {"owner": "acme", "repo": "shortlink", **values}
        named = set(re.findall(r"\{(\w+)\}", template))
        path = re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), template)
        query = "&".join(f"{k}={v}" for k, v in values.items() if k not in named and k not in ("owner", "repo"))
        status, answer, _ = await self.team.call(method, path + (f"?{query}" if query else ""), login=by, body=body)
        good = expect or {"POST": 201, "DELETE": 204}.get(method, 200)
        assert status == good, (method, path, status, answer)
        self.visited.add((method, template))
        if (method, template) not in _UNPUBLISHED:
            self.problems += self.description.problems(method, template, status, answer)
        return answer


@pytest.fixture(scope="module")
def description() -> Description:
    return github_description.load()


@pytest.fixture
async def journey(tmp_path: Path, description: Description) -> AsyncIterator[Journey]:
    about: Any = {"collaborators": {"lead": "admin"}, "protected": False}
    async with open_team(tmp_path, {"repos": {REPO: about}}, make_runner=Quick) as team:
        yield Journey(team, description)


def test_every_route_is_one_that_github_publishes(description: Description) -> None:
    ours = {(route.method, plain(route.template)) for route in ROUTES}
    assert ours - set(description.operations) == {(method, plain(path)) for method, path in _UNPUBLISHED}


async def test_every_answer_has_the_published_shape(journey: Journey) -> None:
    await _accounts(journey)
    await _repositories(journey)
    await _git(journey)
    await _files(journey)
    await _issues(journey)
    await _pulls(journey)
    await _checks(journey)
    await _protection(journey)
    await _releases(journey)
    await _hooks(journey)
    await _actions(journey)
    await journey("DELETE", "~", repo="other")
    assert not journey.problems, "\n".join(journey.problems)
    assert {(route.method, route.template) for route in ROUTES} - journey.visited == set()


async def _accounts(call: Journey) -> None:
    await call("GET", "/")
    await call("GET", "/meta")
    await call("GET", "/rate_limit")
    await call("GET", "/user")
    await call("GET", "/user/repos")
    await call("GET", "/user/orgs")
    for path in ("/users/{username}", "/users/{username}/repos", "/users/{username}/orgs"):
        await call("GET", path, username="dev-1")
    for path in ("/orgs/{org}", "/orgs/{org}/repos", "/orgs/{org}/members"):
        await call("GET", path, org="acme")


async def _repositories(call: Journey) -> None:
    made = await call("POST", "/user/repos", body={"name": "mine", "auto_init": True, "description": "d"})
    await call("POST", "/orgs/{org}/repos", org="acme", body={"name": "other", "private": True})
    await call("GET", "/repositories/{repository_id}", repository_id=made["id"])
    await call("GET", "~")
    await call("PATCH", "~", body={"description": "Short links", "allow_rebase_merge": True})
    await call("PUT", "~/topics", body={"names": ["links"]})
    await call("GET", "~/topics")
    await call("GET", "~/languages")
    await call("GET", "~/contributors")
    await call("GET", "~/activity")
    await call("GET", "/search/repositories", q="short")
    await call("PUT", "~/collaborators/{username}", username="qa", body={"permission": "maintain"}, expect=204)
    await call("GET", "~/collaborators")
    await call("GET", "~/collaborators/{username}", username="qa", expect=204)
    await call("GET", "~/collaborators/{username}/permission", username="qa")
    await call("DELETE", "~/collaborators/{username}", username="reporter")


async def _git(call: Journey) -> None:
    main = await call("GET", "~/git/ref/{ref}", ref="heads/main")
    sha = main["object"]["sha"]
    await call("GET", "~/git/refs/{ref}", ref="heads/main")
    await call("GET", "~/git/refs")
    await call("GET", "~/git/matching-refs/{ref}", ref="heads/m")
    blob = await call("POST", "~/git/blobs", body={"content": "hello\n"})
    await call("GET", "~/git/blobs/{file_sha}", file_sha=blob["sha"])
    entry = {"path": "docs/hello.txt", "mode": "100644", "type": "blob", "sha": blob["sha"]}
    tree = await call("POST", "~/git/trees", body={"base_tree": sha, "tree": [entry]})
    await call("GET", "~/git/trees/{tree_sha}", tree_sha=tree["sha"], recursive=1)
    made = await call("POST", "~/git/commits", body={"message": "Hello", "tree": tree["sha"], "parents": [sha]})
    await call("GET", "~/git/commits/{commit_sha}", commit_sha=made["sha"])
    tag = await call("POST", "~/git/tags", body={"tag": "v0", "message": "m", "object": sha, "type": "commit"})
    await call("GET", "~/git/tags/{tag_sha}", tag_sha=tag["sha"])
    await call("POST", "~/git/refs", body={"ref": "refs/heads/hello", "sha": sha})
    await call("PATCH", "~/git/refs/{ref}", ref="heads/hello", body={"sha": made["sha"]})
    await call("GET", "~/branches")
    await call("GET", "~/branches/{branch}", branch="hello")
    await call("GET", "~/commits")
    await call("GET", "~/commits/{ref}", ref="hello")
    await call("GET", "~/commits/{commit_sha}/branches-where-head", commit_sha=made["sha"])
    await call("GET", "~/compare/{basehead}", basehead="main...hello")
    await call("POST", "~/branches/{branch}/rename", branch="hello", body={"new_name": "greeting"})
    await call("POST", "~/merges", body={"base": "main", "head": "greeting"})
    await call("DELETE", "~/git/refs/{ref}", ref="heads/greeting")
    await call("POST", "~/git/refs", body={"ref": "refs/tags/v0", "sha": tag["sha"]})
    await call("GET", "~/tags")


async def _files(call: Journey) -> None:
    text = base64.b64encode(b"x = 1\n").decode()
    made = await call("PUT", "~/contents/{path}", path="a/x.py", body={"message": "x", "content": text}, expect=201)
    sha = made["content"]["sha"]
    body = {"message": "x", "content": base64.b64encode(b"x = 2\n").decode(), "sha": sha}
    made = await call("PUT", "~/contents/{path}", path="a/x.py", body=body)
    await call("GET", "~/contents/{path}", path="a/x.py")
    await call("GET", "~/contents/{path}", path="a")
    await call("GET", "~/contents")
    await call("GET", "~/readme")
    body = {"message": "no x", "sha": made["content"]["sha"]}
    await call("DELETE", "~/contents/{path}", path="a/x.py", body=body, expect=200)


async def _issues(call: Journey) -> None:
    await call("POST", "~/milestones", body={"title": "One", "description": "first"})
    await call("GET", "~/milestones")
    await call("GET", "~/milestones/{milestone_number}", milestone_number=1)
    await call("PATCH", "~/milestones/{milestone_number}", milestone_number=1, body={"title": "1.0"})
    await call("POST", "~/labels", body={"name": "hot", "color": "ff0000"})
    await call("GET", "~/labels")
    await call("GET", "~/labels/{name}", name="hot")
    await call("PATCH", "~/labels/{name}", name="hot", body={"new_name": "hotter"})
    body = {"title": "T", "body": "B", "labels": ["hotter"], "assignees": ["dev-1"], "milestone": 1}
    n = (await call("POST", "~/issues", body=body))["number"]
    await call("GET", "~/milestones/{milestone_number}/labels", milestone_number=1)
    await call("GET", "~/issues", state="all")
    await call("GET", "~/issues/{issue_number}", issue_number=n)
    await call("PATCH", "~/issues/{issue_number}", issue_number=n, body={"title": "T2", "state": "closed"})
    await call("PATCH", "~/issues/{issue_number}", issue_number=n, body={"state": "open", "milestone": None})
    await call("POST", "~/issues/{issue_number}/assignees", issue_number=n, body={"assignees": ["qa"]})
    await call("DELETE", "~/issues/{issue_number}/assignees", issue_number=n, body={"assignees": ["qa"]}, expect=200)
    await call("POST", "~/issues/{issue_number}/labels", issue_number=n, body={"labels": ["bug"]}, expect=200)
    await call("GET", "~/issues/{issue_number}/labels", issue_number=n)
    await call("DELETE", "~/issues/{issue_number}/labels/{name}", issue_number=n, name="bug", expect=200)
    await call("PUT", "~/issues/{issue_number}/labels", issue_number=n, body=["question"])
    await call("DELETE", "~/issues/{issue_number}/labels", issue_number=n)
    comment = await call("POST", "~/issues/{issue_number}/comments", issue_number=n, body={"body": "Hm"})
    one = {"comment_id": comment["id"]}
    await call("GET", "~/issues/{issue_number}/comments", issue_number=n)
    await call("GET", "~/issues/comments")
    await call("GET", "~/issues/comments/{comment_id}", **one)
    await call("PATCH", "~/issues/comments/{comment_id}", body={"body": "Hm!"}, **one)
    for base, values in (("~/issues/{issue_number}", {"issue_number": n}), ("~/issues/comments/{comment_id}", one)):
        made = await call("POST", f"{base}/reactions", body={"content": "rocket"}, **values)
        await call("GET", f"{base}/reactions", **values)
        await call("DELETE", base + "/reactions/{reaction_id}", reaction_id=made["id"], **values)
    await call("PUT", "~/issues/{issue_number}/lock", issue_number=n, body={"lock_reason": "resolved"}, expect=204)
    await call("DELETE", "~/issues/{issue_number}/lock", issue_number=n)
    await call("GET", "~/issues/{issue_number}/events", issue_number=n)
    await call("GET", "~/issues/events")
    await call("GET", "~/issues/{issue_number}/timeline", issue_number=n)
    await call("GET", "~/assignees")
    await call("GET", "~/assignees/{assignee}", assignee="dev-1", expect=204)
    await call("GET", "/search/issues", q="repo:acme/shortlink+is:issue+T2")
    await call("DELETE", "~/issues/comments/{comment_id}", **one)
    await call("DELETE", "~/labels/{name}", name="hotter")
    await call("DELETE", "~/milestones/{milestone_number}", milestone_number=1)


async def _branch(call: Journey, name: str, by: str = "dev-1") -> str:
    main = await call("GET", "~/git/ref/{ref}", ref="heads/main")
    await call("POST", "~/git/refs", body={"ref": f"refs/heads/{name}", "sha": main["object"]["sha"]})
    content = base64.b64encode(f"{name}\n".encode()).decode()
    body = {"message": name, "content": content, "branch": name}
    made = await call("PUT", "~/contents/{path}", by=by, path=f"{name}.txt", body=body, expect=201)
    return str(made["commit"]["sha"])


async def _pulls(call: Journey) -> None:
    sha = await _branch(call, "one")
    body = {"title": "One", "head": "one", "base": "main", "body": "text"}
    n = (await call("POST", "~/pulls", by="dev-1", body=body))["number"]
    one = {"pull_number": n}
    await call("GET", "~/pulls")
    await call("GET", "~/pulls/{pull_number}", **one)
    await call("PATCH", "~/pulls/{pull_number}", by="dev-1", body={"title": "First"}, **one)
    await call("GET", "~/pulls/{pull_number}/commits", **one)
    await call("GET", "~/pulls/{pull_number}/files", **one)
    await call("GET", "~/pulls/{pull_number}/merge", expect=404, **one)
    await call("POST", "~/pulls/{pull_number}/requested_reviewers", by="dev-1", body={"reviewers": ["qa"]}, **one)
    await call("GET", "~/pulls/{pull_number}/requested_reviewers", **one)
    gone = {"reviewers": ["qa"]}
    await call("DELETE", "~/pulls/{pull_number}/requested_reviewers", by="dev-1", body=gone, expect=200, **one)
    await _reviews(call, one, sha)
    await call("GET", "~/issues/{issue_number}", issue_number=n)
    await call("GET", "~/issues/{issue_number}/timeline", issue_number=n)
    await call("GET", "~/commits/{commit_sha}/pulls", commit_sha=sha)
    await _branch(call, "ahead")
    await call("POST", "~/merges", body={"base": "main", "head": "ahead"})
    await call("PUT", "~/pulls/{pull_number}/update-branch", by="dev-1", body={}, expect=202, **one)
    await call("PUT", "~/pulls/{pull_number}/merge", body={"merge_method": "squash"}, **one)
    await call("GET", "~/pulls/{pull_number}/merge", expect=204, **one)


async def _reviews(call: Journey, one: dict[str, Any], sha: str) -> None:
    line = {"path": "one.txt", "line": 1, "body": "why?"}
    review = await call("POST", "~/pulls/{pull_number}/reviews", body={"comments": [line]}, expect=200, **one)
    draft = {"review_id": review["id"], **one}
    await call("PUT", "~/pulls/{pull_number}/reviews/{review_id}", body={"body": "draft"}, **draft)
    await call("DELETE", "~/pulls/{pull_number}/reviews/{review_id}", expect=200, **draft)
    review = await call("POST", "~/pulls/{pull_number}/reviews", body={"comments": [line]}, expect=200, **one)
    draft["review_id"] = review["id"]
    event = {"event": "REQUEST_CHANGES", "body": "no"}
    await call("POST", "~/pulls/{pull_number}/reviews/{review_id}/events", body=event, expect=200, **draft)
    await call("GET", "~/pulls/{pull_number}/reviews", **one)
    await call("GET", "~/pulls/{pull_number}/reviews/{review_id}", **draft)
    await call("GET", "~/pulls/{pull_number}/reviews/{review_id}/comments", **draft)
    await call("PUT", "~/pulls/{pull_number}/reviews/{review_id}/dismissals", body={"message": "old"}, **draft)
    comment = await call("POST", "~/pulls/{pull_number}/comments", body={**line, "commit_id": sha}, **one)
    at = {"comment_id": comment["id"]}
    await call(
        "POST", "~/pulls/{pull_number}/comments/{comment_id}/replies", by="dev-1", body={"body": "so"}, **at, **one
    )
    await call("GET", "~/pulls/{pull_number}/comments", **one)
    await call("GET", "~/pulls/comments")
    await call("GET", "~/pulls/comments/{comment_id}", **at)
    await call("PATCH", "~/pulls/comments/{comment_id}", body={"body": "why?!"}, **at)
    await call("DELETE", "~/pulls/comments/{comment_id}", **at)


async def _checks(call: Journey) -> None:
    sha = (await call("GET", "~/git/ref/{ref}", ref="heads/main"))["object"]["sha"]
    check = await call("POST", "~/check-runs", body={"name": "lint", "head_sha": sha, "status": "in_progress"})
    output = {
        "title": "1 remark",
        "summary": "s",
        "annotations": [{"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}],
    }
    one = {"check_run_id": check["id"]}
    await call("PATCH", "~/check-runs/{check_run_id}", body={"conclusion": "success", "output": output}, **one)
    await call("GET", "~/check-runs/{check_run_id}", **one)
    await call("GET", "~/check-runs/{check_run_id}/annotations", **one)
    suite = {"check_suite_id": check["check_suite"]["id"]}
    await call("GET", "~/check-suites/{check_suite_id}", **suite)
    await call("GET", "~/check-suites/{check_suite_id}/check-runs", **suite)
    await call("GET", "~/commits/{ref}/check-runs", ref="main")
    await call("GET", "~/commits/{ref}/check-suites", ref="main")
    await call("POST", "~/statuses/{sha}", sha=sha, body={"state": "success", "context": "deploy"})
    await call("GET", "~/statuses/{sha}", sha=sha)
    await call("GET", "~/commits/{ref}/statuses", ref=sha)
    await call("GET", "~/commits/{ref}/status", ref="main")


async def _protection(call: Journey) -> None:
    base, at = "~/branches/{branch}/protection", {"branch": "main"}
    body = {
        "required_status_checks": {"strict": True, "contexts": ["lint"]},
        "enforce_admins": False,
        "required_pull_request_reviews": {"required_approving_review_count": 2},
        "restrictions": {"users": ["lead"], "teams": []},
    }
    await call("PUT", base, body=body, **at)
    await call("GET", base, **at)
    await call("GET", "~/branches/{branch}", **at)
    await call("GET", "~/branches")
    await call("POST", f"{base}/enforce_admins", expect=200, **at)
    await call("GET", f"{base}/enforce_admins", **at)
    await call("DELETE", f"{base}/enforce_admins", **at)
    reviews, checks = f"{base}/required_pull_request_reviews", f"{base}/required_status_checks"
    await call("PATCH", reviews, body={"dismiss_stale_reviews": True}, **at)
    await call("GET", reviews, **at)
    await call("DELETE", reviews, **at)
    await call("PATCH", checks, body={"contexts": ["lint", "test"]}, **at)
    await call("GET", checks, **at)
    await call("DELETE", checks, **at)
    await call("DELETE", base, **at)


async def _releases(call: Journey) -> None:
    made = await call("POST", "~/releases", body={"tag_name": "v1.0", "name": "One", "generate_release_notes": True})
    one = {"release_id": made["id"]}
    await call("GET", "~/releases")
    await call("GET", "~/releases/latest")
    await call("GET", "~/releases/tags/{tag}", tag="v1.0")
    await call("GET", "~/releases/{release_id}", **one)
    await call("PATCH", "~/releases/{release_id}", body={"body": "more"}, **one)
    await call("POST", "~/releases/generate-notes", body={"tag_name": "v1.0"}, expect=200)
    asset = await call("POST", "~/releases/{release_id}/assets", name="a.txt", body={"x": 1}, **one)
    at = {"asset_id": asset["id"]}
    await call("GET", "~/releases/{release_id}/assets", **one)
    await call("GET", "~/releases/assets/{asset_id}", **at)
    await call("PATCH", "~/releases/assets/{asset_id}", body={"name": "b.txt"}, **at)
    await call("DELETE", "~/releases/assets/{asset_id}", **at)
    await call("DELETE", "~/releases/{release_id}", **one)


async def _hooks(call: Journey) -> None:
    """Port 9 of this machine (discard) has nobody listening: the delivery fails, and its record has a shape too."""
    config = {"url": "http://127.0.0.1:9/hook", "content_type": "json", "secret": "x"}
    made = await call("POST", "~/hooks", body={"config": config, "events": ["push"]})
    one = {"hook_id": made["id"]}
    await call("GET", "~/hooks")
    await call("PATCH", "~/hooks/{hook_id}", body={"active": True, "add_events": ["issues"]}, **one)
    await call("POST", "~/hooks/{hook_id}/pings", expect=204, **one)
    await call("POST", "~/hooks/{hook_id}/tests", expect=204, **one)
    service: GitHub = call.team.service
    hook = service.core.store.repositories[REPO].hooks[made["id"]]
    await call.team.until(lambda: all(delivery.status != "pending" for delivery in hook.deliveries))
    await call("GET", "~/hooks/{hook_id}", **one)
    found = await call("GET", "~/hooks/{hook_id}/deliveries", **one)
    at = {"delivery_id": found[0]["id"], **one}
    await call("GET", "~/hooks/{hook_id}/deliveries/{delivery_id}", **at)
    await call("POST", "~/hooks/{hook_id}/deliveries/{delivery_id}/attempts", expect=202, **at)
    await call("DELETE", "~/hooks/{hook_id}", **one)


async def _actions(call: Journey) -> None:
    found = await call("GET", "~/actions/workflows")
    flow = {"workflow_id": found["workflows"][0]["id"]}
    await call("GET", "~/actions/workflows/{workflow_id}", **flow)
    await call("GET", "~/actions/workflows/{workflow_id}/runs", **flow)
    await call("POST", "~/actions/workflows/{workflow_id}/dispatches", body={"ref": "main"}, expect=204, **flow)
    runs = await call("GET", "~/actions/runs")
    run = {"run_id": runs["workflow_runs"][0]["id"]}
    await call("GET", "~/actions/runs/{run_id}", **run)
    jobs = await call("GET", "~/actions/runs/{run_id}/jobs", **run)
    job = {"job_id": jobs["jobs"][0]["id"]}
    await call("GET", "~/actions/jobs/{job_id}", **job)
    found = await call("GET", "~/actions/runs/{run_id}/artifacts", **run)
    at = {"artifact_id": found["artifacts"][0]["id"]}
    await call("GET", "~/actions/artifacts")
    await call("GET", "~/actions/artifacts/{artifact_id}", **at)
    await call("POST", "~/actions/runs/{run_id}/rerun", **run)
    await call("DELETE", "~/actions/artifacts/{artifact_id}", **at)
    # The true GitHub answers these with a redirect to a file; here the file itself comes.
    team = call.team
    for template in ("~/actions/jobs/{job_id}/logs", "~/actions/runs/{run_id}/logs"):
        path = template.replace("~", f"/repos/{REPO}").format(**job, **run)
        status, content, _ = await team.call("GET", path)
        assert (status, bool(content)) == (200, True)
        call.visited.add(("GET", template.replace("~", "/repos/{owner}/{repo}")))
    left = (await call("GET", "~/actions/artifacts"))["artifacts"][0]["id"]
    status, content, _ = await team.call("GET", f"/repos/{REPO}/actions/artifacts/{left}/zip")
    assert (status, content[:2]) == (200, b"PK")
    call.visited.add(("GET", "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}"))
