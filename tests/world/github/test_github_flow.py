"""What a team does: issue, branch, push, pull request, review, merge, release; with PyGithub and git unmodified."""

from __future__ import annotations

from github_team import REPO, Team


async def test_an_issue_becomes_a_reviewed_merged_pull_request(team: Team) -> None:
    issue = await team.use(
        "lead", lambda g: g.get_repo(REPO).create_issue("Shorten links", "Please.", assignee="dev-1", labels=["bug"])
    )
    opened = team.change("issue.opened")
    assert opened.facts["title"] == "Shorten links"
    assert opened.facts["labels"] == ["bug"]
    assert opened.resource == f"{REPO}#{issue.number}"
    assert team.change("issue.assigned").facts["assignee"] == "dev-1"

    clone = await team.clone("dev-1")
    sha = await clone.commit_on("shorten", {"short.py": "def shorten(url):\n    return url[:5]\n"})
    await clone.git("push", "-q", "origin", "shorten")
    push = team.changes("push")[-1]
    assert push.facts["after"] == sha
    assert push.facts["created"] is True
    assert push.facts["pusher"] == "dev-1"

    pull = await team.use(
        "dev-1",
        lambda g: g.get_repo(REPO).create_pull(
            base="main", head="shorten", title="Shorten", body=f"Closes #{issue.number}"
        ),
    )
    assert (pull.changed_files, pull.additions, pull.deletions, pull.commits) == (1, 2, 0, 1)
    assert (pull.mergeable, pull.mergeable_state, pull.merged) == (True, "blocked", False)
    files = await team.use("dev-1", lambda g: [(each.filename, each.patch) for each in pull.get_files()])
    assert [name for name, _ in files] == ["short.py"]
    assert "+def shorten(url):" in files[0][1]
    assert team.change("pull_request.opened").facts["sha"] == sha

    status, body, _ = await team.fails("dev-1", lambda g: g.get_repo(REPO).get_pull(pull.number).merge())
    assert status == 405
    assert "At least 1 approving review is required" in body["message"]
    status, body, _ = await team.fails(
        "dev-1", lambda g: g.get_repo(REPO).get_pull(pull.number).create_review(event="APPROVE")
    )
    assert status == 422
    assert body["errors"] == ["Can not approve your own pull request"]

    review = await team.use(
        "lead",
        lambda g: (
            g.get_repo(REPO)
            .get_pull(pull.number)
            .create_review(
                body="Five is too few", event="REQUEST_CHANGES", comments=[{"path": "short.py", "line": 2, "body": "7"}]
            )
        ),
    )
    assert review.state == "CHANGES_REQUESTED"
    assert team.change("review.submitted").facts["state"] == "changes_requested"
    assert team.change("review_comment.created").facts["line"] == 2

    second = await clone.commit_on("shorten", {"short.py": "def shorten(url):\n    return url[:7]\n"})
    await clone.git("push", "-q", "origin", "shorten")
    assert team.change("pull_request.synchronized").facts["sha"] == second

    approved = await team.use("lead", lambda g: g.get_repo(REPO).get_pull(pull.number).create_review(event="APPROVE"))
    assert (approved.state, approved.commit_id) == ("APPROVED", second)
    merged = await team.use("lead", lambda g: g.get_repo(REPO).get_pull(pull.number).merge())
    assert merged.merged
    told = team.change("pull_request.merged")
    assert (told.facts["merge_commit_sha"], told.facts["merged_by"]) == (merged.sha, "lead")
    assert team.change("issue.closed").facts["number"] == issue.number

    def look(g: object) -> tuple[object, ...]:
        repo = team.github("lead").get_repo(REPO)
        commit = repo.get_commit(merged.sha)
        file = repo.get_contents("short.py")
        assert not isinstance(file, list)
        return repo.get_issue(issue.number).state, commit.author.login, len(commit.parents), file.decoded_content

    state, author, parents, content = await team.use("lead", look)
    assert (state, author, parents) == ("closed", "lead", 2)
    assert content == b"def shorten(url):\n    return url[:7]\n"
    await clone.git("checkout", "-q", "main")
    await clone.git("pull", "-q")
    assert (clone.path / "short.py").exists()

    release = await team.use("lead", lambda g: g.get_repo(REPO).create_git_release("v1.0", "One", "First"))
    assert release.tag_name == "v1.0"
    assert team.change("release.published").facts["sha"] == merged.sha
    tags = await team.use("qa", lambda g: [tag.name for tag in g.get_repo(REPO).get_tags()])
    assert tags == ["v1.0"]
