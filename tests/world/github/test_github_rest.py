"""Details of the REST API that clients lean on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from github import InputGitTreeElement
from github_team import REPO, Team, git, open_team

from practicum.errors import UsageError


async def test_pages_are_linked(open_repo: Team) -> None:
    for n in range(5):
        await open_repo.call("POST", f"/repos/{REPO}/issues", body={"title": f"Issue {n}"})
    status, body, headers = await open_repo.call("GET", f"/repos/{REPO}/issues?per_page=2&page=2&state=all")
    assert (status, [issue["title"] for issue in body]) == (200, ["Issue 2", "Issue 1"])
    base = f"{open_repo.base_url}/github/repos/{REPO}/issues?per_page=2&state=all"
    assert headers["Link"] == (
        f'<{base}&page=3>; rel="next", <{base}&page=3>; rel="last", '
        f'<{base}&page=1>; rel="first", <{base}&page=1>; rel="prev"'
    )
    numbers = await open_repo.use("qa", lambda g: [issue.number for issue in g.get_repo(REPO).get_issues()])
    assert numbers == [5, 4, 3, 2, 1]


async def test_an_unchanged_answer_is_304(open_repo: Team) -> None:
    _, _, headers = await open_repo.call("GET", f"/repos/{REPO}")
    again = {"If-None-Match": headers["ETag"]}
    status, body, _ = await open_repo.call("GET", f"/repos/{REPO}", headers=again)
    assert (status, body) == (304, b"")
    await open_repo.call("POST", f"/repos/{REPO}/issues", body={"title": "New"})
    status, _, headers = await open_repo.call("GET", f"/repos/{REPO}", headers=again)
    assert status == 200
    assert headers["X-GitHub-Request-Id"]


async def test_what_is_wrong_is_said_as_github_says_it(open_repo: Team) -> None:
    status, body, _ = await open_repo.call("POST", f"/repos/{REPO}/issues", body={"body": "no title"})
    assert (status, body["message"], body["status"]) == (422, "Validation Failed", "422")
    assert body["errors"] == [{"resource": "Issue", "field": "title", "code": "missing_field"}]
    status, body, _ = await open_repo.call("POST", f"/repos/{REPO}/issues", body={"title": 7})
    assert status == 422
    assert "7 is not a string" in body["message"]
    status, body, _ = await open_repo.call("GET", "/no/such/thing")
    assert (status, body["message"]) == (404, "Not Found")


async def test_a_file_is_updated_only_by_who_knows_it(open_repo: Team) -> None:
    def work(g: Any) -> tuple[str, str]:
        repo = g.get_repo(REPO)
        made = repo.create_file("dir/a.txt", "make", "one")
        repo.update_file("dir/a.txt", "change", "two", made["content"].sha)
        return made["content"].sha, repo.get_contents("dir/a.txt").decoded_content.decode()

    stale, content = await open_repo.use("dev-1", work)
    assert content == "two"
    status, body, _ = await open_repo.fails(
        "dev-1", lambda g: g.get_repo(REPO).update_file("dir/a.txt", "again", "three", stale)
    )
    assert (status, body["message"]) == (409, f"dir/a.txt does not match {stale}")
    raw = {"Accept": "application/vnd.github.raw+json"}
    status, content, _ = await open_repo.call("GET", f"/repos/{REPO}/contents/dir/a.txt", headers=raw)
    assert content == b"two"
    listed = await open_repo.use("qa", lambda g: [each.path for each in g.get_repo(REPO).get_contents("")])
    assert listed == ["README.md", "dir"]


async def test_commits_made_through_the_git_database_land_like_pushed_ones(open_repo: Team) -> None:
    def work(g: Any) -> str:
        repo = g.get_repo(REPO)
        ref = repo.get_git_ref("heads/main")
        base = repo.get_git_commit(ref.object.sha)
        element = InputGitTreeElement("deep/er/x.sh", "100755", "blob", content="#!/bin/sh\n")
        tree = repo.create_git_tree([element], base.tree)
        commit = repo.create_git_commit("Add x", tree, [base])
        ref.edit(commit.sha)
        branch = repo.create_git_ref("refs/heads/feature/slash", commit.sha)
        assert repo.get_branch("feature/slash").commit.sha == commit.sha
        branch.delete()
        return str(commit.sha)

    sha = await open_repo.use("dev-1", work)
    clone = await open_repo.clone("qa")
    assert (await clone.git("rev-parse", "HEAD")).strip() == sha
    assert (await clone.git("ls-tree", "HEAD", "deep/er/x.sh")).startswith("100755")
    pushes = [(push.facts["branch"], push.facts["deleted"]) for push in open_repo.changes("push")]
    assert pushes == [("main", False), ("main", False), ("feature/slash", False), ("feature/slash", True)]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_each_way_of_merging(open_repo: Team, method: str) -> None:
    number = await open_repo.pull("a", {"a.txt": "a"})
    await open_repo.use("dev-2", lambda g: g.get_repo(REPO).create_file("b.txt", "Add b", "b"))
    merged = await open_repo.use("lead", lambda g: g.get_repo(REPO).get_pull(number).merge(merge_method=method))
    clone = await open_repo.clone("qa")
    form = await clone.git("log", "-1", "--format=%H %P|%an|%cn|%s")
    shas, author, committer, subject = form.strip().split("|")
    assert shas.split()[0] == merged.sha
    assert len(shas.split()) == (3 if method == "merge" else 2)
    assert author == ("Agent lead" if method == "merge" else "Agent dev-1")
    assert committer == "Agent lead"
    assert subject == {"merge": f"Merge pull request #{number} from acme/a", "squash": f"Add a (#{number})"}.get(
        method, "Change a.txt"
    )
    assert sorted(path.name for path in clone.path.iterdir()) == [".git", "README.md", "a.txt", "b.txt"]
    assert "pr_merge" in [each["activity_type"] for each in (await open_repo.call("GET", f"/repos/{REPO}/activity"))[1]]


async def test_what_cannot_be_merged_is_refused_with_the_right_number(open_repo: Team) -> None:
    number = await open_repo.pull("a", {"README.md": "mine"})
    path = f"/repos/{REPO}/pulls/{number}/merge"
    status, _, _ = await open_repo.call("PUT", path, body={"sha": "0" * 40})
    assert status == 409
    readme = (await open_repo.call("GET", f"/repos/{REPO}/contents/README.md"))[1]
    await open_repo.use("qa", lambda g: g.get_repo(REPO).update_file("README.md", "c", "theirs", readme["sha"]))
    _, pull, _ = await open_repo.call("GET", f"/repos/{REPO}/pulls/{number}")
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    status, body, _ = await open_repo.call("PUT", path, body={})
    assert (status, body["message"]) == (405, "Pull Request is not mergeable")
    other = await open_repo.pull("b", {"b.txt": "b"})
    path = f"/repos/{REPO}/pulls/{other}/merge"
    assert [(await open_repo.call("PUT", path, body={}))[0] for _ in range(2)] == [200, 405]


async def test_two_merges_at_once_both_land(open_repo: Team) -> None:
    numbers = [await open_repo.pull(name, {f"{name}.txt": name}, login="dev-1") for name in ("a", "b")]
    done = await asyncio.gather(
        *(open_repo.call("PUT", f"/repos/{REPO}/pulls/{number}/merge", login="lead", body={}) for number in numbers)
    )
    assert [status for status, _, _ in done] == [200, 200]
    clone = await open_repo.clone("qa")
    assert {"a.txt", "b.txt"} <= {path.name for path in clone.path.iterdir()}


async def test_a_pull_request_must_bring_something_and_only_once(open_repo: Team) -> None:
    await open_repo.pull("a", {"a.txt": "a"})
    body = {"title": "Again", "head": "a", "base": "main"}
    status, answer, _ = await open_repo.call("POST", f"/repos/{REPO}/pulls", body=body)
    assert (status, answer["errors"][0]["message"]) == (422, "A pull request already exists for acme:a.")
    main = (await open_repo.call("GET", f"/repos/{REPO}/git/ref/heads/main"))[1]["object"]["sha"]
    await open_repo.call("POST", f"/repos/{REPO}/git/refs", body={"ref": "refs/heads/same", "sha": main})
    body["head"] = "same"
    status, answer, _ = await open_repo.call("POST", f"/repos/{REPO}/pulls", body=body)
    assert (status, answer["errors"][0]["message"]) == (422, "No commits between main and same")
    diff = {"Accept": "application/vnd.github.diff"}
    status, text, _ = await open_repo.call("GET", f"/repos/{REPO}/pulls/1", headers=diff)
    assert (status, text.startswith(b"diff --git a/a.txt b/a.txt")) == (200, True)
    patch = {"Accept": "application/vnd.github.patch"}
    status, text, _ = await open_repo.call("GET", f"/repos/{REPO}/pulls/1", headers=patch)
    assert (status, b"Subject: [PATCH] Change a.txt" in text) == (200, True)


async def test_a_line_that_is_not_in_the_difference_cannot_be_commented(open_repo: Team) -> None:
    number = await open_repo.pull("a", {"a.txt": "1\n2\n"})
    comment = {"path": "a.txt", "line": 3, "body": "?"}
    status, body, _ = await open_repo.fails(
        "qa", lambda g: g.get_repo(REPO).get_pull(number).create_review(event="COMMENT", comments=[comment])
    )
    assert status == 422
    assert body["errors"][0]["message"] == "pull_request_review_thread.line must be part of the diff"


async def test_search_finds_by_qualifier_and_by_word(open_repo: Team) -> None:
    await open_repo.use("qa", lambda g: g.get_repo(REPO).create_issue("Crash on empty link", labels=["bug"]))
    await open_repo.use("qa", lambda g: g.get_repo(REPO).create_issue("Idea"))
    await open_repo.pull("a", {"a.txt": "a"})
    for query, found in (
        (f"repo:{REPO} is:issue", [2, 1]),
        ("is:pr is:open", [3]),
        ("label:bug author:qa crash", [1]),
        ('"empty link" in:title', [1]),
        ("is:issue -label:bug", [2]),
        ("is:issue no:label", [2]),
        ("repo:acme/nothing", []),
    ):
        numbers = await open_repo.use("lead", lambda g, q=query: [issue.number for issue in g.search_issues(q)])
        assert numbers == found, query


async def test_a_new_repository_with_everything(open_repo: Team) -> None:
    def work(g: Any) -> tuple[Any, ...]:
        repo = g.get_user().create_repo("tools", description="Tools", auto_init=True)
        repo.replace_topics(["cli"])
        repo.add_to_collaborators("dev-2", "push")
        names = [each.login for each in repo.get_collaborators()]
        label = repo.create_label("hot", "ff0000", "Burns")
        label.edit("hotter", "00ff00")
        milestone = repo.create_milestone("One")
        issue = repo.create_issue("T", milestone=milestone, labels=["hotter"])
        issue.create_reaction("heart")
        issue.create_comment("Hm").edit("Hm!")
        issue.lock("resolved")
        issue.edit(state="closed", state_reason="not_planned")
        events = [each.event for each in issue.get_timeline()]
        shown = repo.get_issue(1)
        return repo.full_name, repo.get_topics(), sorted(names), shown.state_reason, events, repo.get_readme().path

    name, topics, names, reason, events, readme = await open_repo.use("dev-1", work)
    assert (name, topics, names, reason) == ("dev-1/tools", ["cli"], ["dev-1", "dev-2"], "not_planned")
    assert events == ["commented", "locked", "closed"]
    assert readme == "README.md"
    await open_repo.use("dev-1", lambda g: g.get_repo("dev-1/tools").edit(name="kit", private=True))
    assert (await open_repo.call("GET", "/repos/dev-1/kit", login="qa"))[0] == 404
    await open_repo.use("dev-1", lambda g: g.get_repo("dev-1/kit").delete())
    assert (await open_repo.call("GET", "/repos/dev-1/kit"))[0] == 404


async def test_a_repository_is_imported_with_its_history(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    await git(source, "init", "-q", "-b", "main")
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.invalid")
    for n in range(3):
        (source / "n.txt").write_text(str(n))
        await git(source, "add", "-A")
        await git(source, *identity, "commit", "-q", "-m", f"Commit {n}")
    await git(source, *identity, "tag", "-a", "v1", "-m", "one")
    folder = tmp_path / "team"
    folder.mkdir()
    async with open_team(folder, {"repos": {REPO: {"from": str(source)}}}) as team:
        clone = await team.clone("dev-1")
        assert (await clone.git("rev-list", "--count", "HEAD")).strip() == "3"
        assert [str(push.facts["ref"]) for push in team.changes("push")] == ["refs/heads/main", "refs/tags/v1"]
        assert (await team.call("GET", f"/repos/{REPO}/git/ref/tags/v1"))[1]["object"]["type"] == "tag"


async def test_a_seed_that_means_nothing_is_refused(open_repo: Team) -> None:
    seeds: tuple[Any, ...] = ({"rep": REPO}, {"repo": "shortlink"}, {"repos": {"acme/x": {"protectd": True}}})
    for seed in seeds:
        with pytest.raises(UsageError):
            await open_repo.service.seed(seed)


async def test_reset_forgets_all_and_can_be_seeded_again(open_repo: Team) -> None:
    await open_repo.service.reset()
    assert (await open_repo.call("GET", f"/repos/{REPO}"))[0] == 404
    await open_repo.service.seed({"repo": REPO})
    assert (await open_repo.call("GET", f"/repos/{REPO}"))[0] == 200


async def test_a_simple_call_takes_few_milliseconds(open_repo: Team) -> None:
    number = await open_repo.pull("a", {"a.txt": "a"})
    headers = {"Authorization": f"Bearer {open_repo.tokens['dev-1']}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for path in (
            f"/repos/{REPO}/issues/{number}",
            f"/repos/{REPO}/pulls/{number}",
            f"/repos/{REPO}/contents/README.md",
        ):
            took = []
            for _ in range(50):
                start = time.perf_counter()
                async with session.get(f"{open_repo.base_url}/github{path}") as answer:
                    await answer.read()
                took.append(time.perf_counter() - start)
            # Client and server share this loop. The quickest tenth: the others may have waited for a processor.
            assert sorted(took)[5] < 0.02, path
