"""PyGithub through the gateway, on the real simulated GitHub."""

import asyncio
from typing import Any

import github

from practicum.bus.events import WorldChanged
from practicum.proctor.access import Grant

SERVICES = ("github",)


def client(team: Any) -> github.Github:
    return github.Github(
        base_url=f"{team.url}/github",
        auth=github.Auth.Token(team.token("github")),
        seconds_between_requests=0,
        seconds_between_writes=0,
        retry=None,
    )


async def test_pygithub_follows_links_back_through_the_gateway(team: Any) -> None:
    def work() -> dict[str, Any]:
        repo = client(team).get_repo("acme/shortlink")
        main = repo.default_branch
        repo.create_git_ref("refs/heads/issue-1", repo.get_branch(main).commit.sha)
        repo.create_file("src/a b.txt", "add a file", "text\n", branch="issue-1")
        for number in range(35):
            repo.create_issue(f"issue {number}")
        pull = repo.create_pull(base=main, head="issue-1", title="A file", body="closes #1")
        pull.create_issue_comment("looks right")
        assert [each.filename for each in pull.get_files()] == ["src/a b.txt"]
        pull.merge()
        issues = list(repo.get_issues(state="all"))  # two pages: the Link header leads back here
        return {"urls": [repo.url, pull.html_url, repo.clone_url], "issues": len(issues), "merged": pull.is_merged()}

    found = await asyncio.to_thread(work)
    assert found["issues"] == 36
    assert found["merged"]
    assert found["urls"][0] == f"{team.url}/github/repos/acme/shortlink"
    assert found["urls"][1] == f"{team.url}/git/acme/shortlink/pull/36"
    assert found["urls"][2] == f"{team.url}/git/acme/shortlink.git"
    ids = {each.id for each in team.stand.events}
    causes = [cause for data, cause in team.changes if isinstance(data, WorldChanged) and cause]
    assert causes
    assert set(causes) <= ids  # every change of the world answers a recorded exchange


async def test_pygithub_understands_refusals(team: Any) -> None:
    token, _ = team.stand.lease("github", Grant("github", frozenset({"acme/shortlink"}), {"metadata": "read"}))
    team.leases["github"] = (token, None)

    def work() -> list[type[BaseException]]:
        hub, raised = client(team), []
        for call in (
            lambda: hub.get_repo("acme/other"),
            lambda: hub.get_repo("acme/shortlink").create_issue("x"),
        ):
            try:
                call()
            except github.GithubException as error:
                raised.append(type(error))
        team.leases["github"] = ("pracl_" + "0" * 43, None)
        try:
            client(team).get_user().login  # noqa: B018 - the attribute asks
        except github.GithubException as error:
            raised.append(type(error))
        return raised

    raised = await asyncio.to_thread(work)
    assert raised == [github.UnknownObjectException, github.GithubException, github.BadCredentialsException]
