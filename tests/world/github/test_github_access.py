"""Who may do what: tokens, roles, visibility, protected branches."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from github import Github
from github.PullRequestReview import PullRequestReview
from github_team import REPO, Team, open_team

from practicum.world.github import ROUTES


async def test_a_token_that_nobody_gave_out_is_401(team: Team) -> None:
    status, body, _ = await team.call("GET", "/user", login="made-up")
    assert (status, body["message"]) == (401, "Bad credentials")
    status, body, _ = await team.call("GET", "/user", headers={"Authorization": ""})
    assert (status, body["message"]) == (401, "Requires authentication")


async def test_basic_authentication_takes_the_token_as_password(team: Team) -> None:
    basic = base64.b64encode(f"anybody:{team.tokens['qa']}".encode()).decode()
    status, body, _ = await team.call("GET", "/user", headers={"Authorization": f"Basic {basic}"})
    assert (status, body["login"]) == (200, "qa")


async def test_a_repository_that_a_token_does_not_name_is_404_everywhere(team: Team) -> None:
    for method, path in (("GET", ""), ("GET", "/issues"), ("POST", "/issues"), ("DELETE", "")):
        status, body, _ = await team.call(method, f"/repos/{REPO}{path}", login="stranger", body={"title": "x"})
        assert (status, body["message"]) == (404, "Not Found")
    status, body, _ = await team.call("GET", "/search/issues?q=is:issue", login="stranger")
    assert body["total_count"] == 0


async def test_a_private_repository_is_404_for_those_outside(team: Team) -> None:
    await team.use("dev-2", lambda g: g.get_user().create_repo("secret", private=True, auto_init=True))  # type: ignore[union-attr]
    status, _, _ = await team.fails("dev-1", lambda g: g.get_repo("dev-2/secret"))
    assert status == 404
    assert "secret" not in [repo["name"] for repo in (await team.call("GET", "/users/dev-2/repos"))[1]]


async def test_a_missing_permission_is_403_and_named(team: Team) -> None:
    status, body, headers = await team.fails("reader", lambda g: g.get_repo(REPO).create_issue("no"))
    assert status == 403
    assert body["message"] == "Resource not accessible by personal access token"
    assert headers["x-accepted-github-permissions"] == "issues=write"


async def test_permission_for_pull_requests_reaches_their_conversation_and_no_issue(open_repo: Team) -> None:
    number = await open_repo.pull("a", {"a.txt": "a"})
    issue = await open_repo.use("reporter", lambda g: g.get_repo(REPO).create_issue("Broken"))
    said = {"body": "hi"}
    path = f"/repos/{REPO}/issues"
    status, _, _ = await open_repo.call("POST", f"{path}/{number}/comments", login="reviewer", body=said)
    assert status == 201
    status, _, headers = await open_repo.call("POST", f"{path}/{issue.number}/comments", login="reviewer", body=said)
    assert (status, headers["X-Accepted-GitHub-Permissions"]) == (403, "issues=write")
    _, listed, _ = await open_repo.call("GET", path, login="reviewer")
    assert [each["number"] for each in listed] == [number]


async def test_only_administrators_touch_settings(team: Team) -> None:
    status, body, _ = await team.fails("dev-1", lambda g: g.get_repo(REPO).edit(description="mine"))
    assert (status, body["message"]) == (403, "Must have admin rights to Repository.")
    await team.use("lead", lambda g: g.get_repo(REPO).edit(description="ours"))
    status, _, _ = await team.call("DELETE", f"/repos/{REPO}/branches/main/protection")
    assert status == 403


async def test_nobody_pushes_to_the_protected_branch(team: Team) -> None:
    for login in ("dev-1", "lead"):
        clone = await team.clone(login)
        await clone.commit_on("main", {f"{login}.txt": "x"})
        said = await clone.git("push", "origin", "main", ok=False)
        assert "Protected branch update failed for refs/heads/main" in said
        assert "remote rejected" in said
    assert len(team.changes("push")) == 1
    content = base64.b64encode(b"x").decode()
    body = {"message": "x", "content": content}
    status, answer, _ = await team.call("PUT", f"/repos/{REPO}/contents/x.txt", body=body)
    assert (status, "Changes must be made through a pull request" in answer["message"]) == (409, True)


async def test_the_protected_branch_cannot_be_forced_or_deleted(team: Team) -> None:
    await team.call(
        "PUT",
        f"/repos/{REPO}/branches/main/protection",
        login="lead",
        body={
            "required_status_checks": None,
            "enforce_admins": True,
            "required_pull_request_reviews": None,
            "restrictions": None,
        },
    )
    clone = await team.clone("dev-1")
    await clone.commit_on("main", {"a.txt": "a"})
    await clone.git("push", "-q", "origin", "main")
    await clone.git("commit", "-q", "--amend", "-m", "other")
    assert "Cannot force-push" in await clone.git("push", "-f", "origin", "main", ok=False)
    assert "remote rejected" in await clone.git("push", "origin", ":main", ok=False)


async def test_a_required_check_must_have_passed_on_the_head(team: Team) -> None:
    await team.use(
        "lead",
        lambda g: (
            g.get_repo(REPO).get_branch("main").edit_protection(strict=False, contexts=["test"], enforce_admins=True)
        ),
    )
    number = await team.pull("a", {"a.txt": "a"})
    status, body, _ = await team.fails("lead", lambda g: g.get_repo(REPO).get_pull(number).merge())
    assert (status, body["message"]) == (405, 'Required status check "test" is expected.')
    sha = team.change("pull_request.opened").facts["sha"]
    for state, text in (("failure", 'Required status check "test" is failing.'), ("success", "")):
        await team.use(
            "qa", lambda g, state=state: g.get_repo(REPO).get_commit(sha).create_status(state, context="test")
        )
        status, body, _ = await team.call("PUT", f"/repos/{REPO}/pulls/{number}/merge", login="lead")
        assert (body["message"] == text, status) == (True, 405) if text else status == 200


async def test_new_commits_dismiss_approvals_where_the_rules_say_so(team: Team) -> None:
    await team.use(
        "lead",
        lambda g: (
            g.get_repo(REPO)
            .get_branch("main")
            .edit_protection(required_approving_review_count=1, dismiss_stale_reviews=True)
        ),
    )
    number = await team.pull("a", {"a.txt": "a"})
    await team.use("qa", lambda g: g.get_repo(REPO).get_pull(number).create_review(event="APPROVE"))
    clone = await team.clone("dev-1")
    await clone.git("checkout", "-q", "a")
    await clone.commit_on("a", {"a.txt": "worse"})
    await clone.git("push", "-q", "origin", "a")
    reviews = await team.use(
        "qa", lambda g: [review.state for review in g.get_repo(REPO).get_pull(number).get_reviews()]
    )
    assert reviews == ["DISMISSED"]
    status, _, _ = await team.fails("qa", lambda g: g.get_repo(REPO).get_pull(number).merge())
    assert status == 405


async def test_a_request_for_changes_blocks_until_its_author_approves(team: Team) -> None:
    number = await team.pull("a", {"a.txt": "a"})

    def review(event: str, body: str = "") -> Callable[[Github], PullRequestReview]:
        return lambda g: g.get_repo(REPO).get_pull(number).create_review(event=event, body=body)

    await team.use("qa", review("REQUEST_CHANGES", "no"))
    await team.use("dev-2", review("APPROVE"))
    status, body, _ = await team.fails("lead", lambda g: g.get_repo(REPO).get_pull(number).merge())
    assert (status, body["message"]) == (405, "Changes have been requested.")
    await team.use("qa", review("APPROVE"))
    assert (await team.use("lead", lambda g: g.get_repo(REPO).get_pull(number).merge())).merged


async def test_git_is_held_to_the_same_tokens(team: Team) -> None:
    clone = await team.clone("reader")
    await clone.commit_on("mine", {"a.txt": "a"})
    assert "403" in await clone.git("push", "origin", "mine", ok=False)
    for login, said in (("stranger", "not found"), ("reporter", "403")):
        assert said in await clone.git("ls-remote", team.remote(login=login), ok=False)
    wrong = team.remote().replace(team.tokens["dev-1"], "wrong")
    assert "Authentication failed" in await clone.git("ls-remote", wrong, ok=False)


def test_every_route_of_a_repository_needs_a_permission() -> None:
    bare = [route for route in ROUTES if "{repo}" in route.template and not route.permission]
    assert bare == []


async def test_the_rate_limit_is_counted_and_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with open_team(tmp_path_factory.mktemp("rate"), {}, rate_limit=3) as team:
        left = [(await team.call("GET", "/user"))[2]["X-RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        status, body, _ = await team.call("GET", "/user")
        assert (status, body["message"]) == (403, "API rate limit exceeded for user dev-1.")
        status, body, _ = await team.call("GET", "/user", login="qa")
        assert status == 200
