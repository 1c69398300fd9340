"""git over HTTP: who pushed, what was told, what can be rebuilt."""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path

from github_team import REPO, GitFailed, Team, git


async def test_a_forged_author_is_seen_by_who_pushed(open_repo: Team) -> None:
    clone = await open_repo.clone("dev-2")
    author = "Agent dev-1 <dev-1@team.invalid>"
    sha = await clone.commit_on("forged", {"a.txt": "a"}, f"--author={author}")
    await clone.git("push", "-q", "origin", "forged")
    _, commit, _ = await open_repo.call("GET", f"/repos/{REPO}/commits/{sha}")
    assert commit["author"]["login"] == "dev-1", "the object stays as it was written"
    _, activity, _ = await open_repo.call("GET", f"/repos/{REPO}/activity?ref=forged")
    assert [(entry["actor"]["login"], entry["after"], entry["activity_type"]) for entry in activity] == [
        ("dev-2", sha, "branch_creation")
    ]
    state = open_repo.service.inspect()["repos"][REPO]  # type: ignore[index,call-overload]
    assert state["pushers"][sha] == "dev-2"  # type: ignore[index,call-overload]
    # Pushing again what somebody else brought in does not change who brought it.
    other = await open_repo.clone("dev-1")
    await other.git("push", "-q", "origin", "origin/forged:refs/heads/copy")
    assert state["pushers"][sha] == "dev-2"  # type: ignore[index,call-overload]


async def test_the_recorded_packs_rebuild_the_repository(open_repo: Team, tmp_path: Path) -> None:
    team = open_repo
    number = await team.pull("one", {"dir/a.txt": "a\n" * 100}, body="text")
    await team.use("lead", lambda g: g.get_repo(REPO).get_pull(number).merge(merge_method="squash"))
    second = await team.pull("two", {"b.txt": "b"})
    await team.use("lead", lambda g: g.get_repo(REPO).get_pull(second).merge(merge_method="rebase"))
    await team.use("lead", lambda g: g.get_repo(REPO).create_file("c.txt", "c", "c"))
    clone = await team.clone("dev-1")
    await clone.git("tag", "-a", "v1", "-m", "one")
    await clone.git("push", "-q", "origin", "v1", ":one")

    bare = tmp_path / "again.git"
    await git(tmp_path, "init", "-q", "--bare", "again.git")
    for push in team.changes("push"):
        if push.pack:
            await git(bare, "unpack-objects", "-q", stdin=base64.b64decode(push.pack))
        ref, after = str(push.facts["ref"]), str(push.facts["after"])
        await git(bare, "update-ref", *(["-d", ref] if push.facts["deleted"] else [ref, after]))
    await git(bare, "fsck", "--full", "--strict")
    wanted = await git(clone.path, "ls-remote", "--heads", "--tags", "--refs", "origin")
    found = await git(bare, "for-each-ref", "--format=%(objectname)\t%(refname)", "refs/heads", "refs/tags")
    assert sorted(found.split("\n")) == sorted(wanted.split("\n"))


async def test_two_parallel_pushes_to_different_branches_both_arrive(open_repo: Team) -> None:
    clones = await asyncio.gather(*(open_repo.clone(f"dev-{n}") for n in (1, 2)))
    for n, clone in enumerate(clones):
        await clone.commit_on(f"branch-{n}", {f"{n}.txt": "x"})
    await asyncio.gather(*(clone.git("push", "-q", "origin", f"branch-{n}") for n, clone in enumerate(clones)))
    told = {str(push.facts["branch"]): push.facts["pusher"] for push in open_repo.changes("push")}
    assert told == {"main": "acme", "branch-0": "dev-1", "branch-1": "dev-2"}


async def test_of_two_pushes_to_one_branch_the_later_must_fetch_first(open_repo: Team) -> None:
    clones = await asyncio.gather(*(open_repo.clone(f"dev-{n}") for n in (1, 2)))
    for n, clone in enumerate(clones):
        await clone.commit_on("main", {f"{n}.txt": "x"})

    done = await asyncio.gather(
        *(clone.git("push", "-q", "origin", "main") for clone in clones), return_exceptions=True
    )
    refused = [str(each) for each in done if isinstance(each, GitFailed)]
    assert len(refused) == 1
    assert "rejected" in refused[0]
    assert len(open_repo.changes("push")) == 2


async def test_a_push_of_ten_megabytes_and_a_partial_clone(open_repo: Team) -> None:
    clone = await open_repo.clone("dev-1")
    for n in range(10):
        (clone.path / f"{n}.bin").write_bytes(os.urandom(1_000_000))
    await clone.commit_on("main", {"note.txt": "ten"})
    await clone.git("push", "-q", "origin", "main")
    push = open_repo.changes("push")[-1]
    assert len(base64.b64decode(push.pack)) > 10_000_000
    partial = await open_repo.clone("dev-2", REPO, "--filter=blob:none", "--no-checkout")
    missing = await partial.git("rev-list", "--objects", "--missing=print", "HEAD")
    assert sum(line.startswith("?") for line in missing.splitlines()) >= 10
    assert (await partial.git("show", "HEAD:note.txt")) == "ten"
    shallow = await open_repo.clone("qa", REPO, "--depth=1")
    assert (await shallow.git("rev-list", "--count", "HEAD")).strip() == "1"


async def test_protocol_version_two_is_spoken(open_repo: Team) -> None:
    clone = await open_repo.clone("dev-1")
    status, raw, _ = await open_repo.call(
        "GET",
        f"{open_repo.base_url}/git/{REPO}.git/info/refs?service=git-upload-pack",
        headers={"Git-Protocol": "version=2"},
    )
    assert (status, b"version 2" in raw) == (200, True)
    assert clone.path.exists()


async def test_force_push_and_deletion_are_told_as_such(open_repo: Team) -> None:
    clone = await open_repo.clone("dev-1")
    await clone.commit_on("work", {"a.txt": "a"})
    await clone.git("push", "-q", "origin", "work")
    await clone.git("commit", "-q", "--amend", "-m", "again")
    await clone.git("push", "-q", "-f", "origin", "work")
    assert open_repo.changes("push")[-1].facts["forced"] is True
    await clone.git("push", "-q", "origin", ":work")
    assert open_repo.changes("push")[-1].facts["deleted"] is True
    _, activity, _ = await open_repo.call("GET", f"/repos/{REPO}/activity?ref=work&direction=asc")
    assert [entry["activity_type"] for entry in activity] == ["branch_creation", "force_push", "branch_deletion"]


async def test_the_head_of_a_pull_request_can_be_fetched_but_not_pushed(open_repo: Team) -> None:
    number = await open_repo.pull("a", {"a.txt": "a"})
    clone = await open_repo.clone("qa")
    await clone.git("fetch", "-q", "origin", f"pull/{number}/head:review")
    assert (await clone.git("show", "review:a.txt")) == "a"
    assert "rejected" in await clone.git("push", "origin", f"HEAD:refs/pull/{number}/head", ok=False)


async def test_deleting_the_branch_closes_the_pull_request(open_repo: Team) -> None:
    number = await open_repo.pull("a", {"a.txt": "a"})
    clone = await open_repo.clone("dev-1")
    await clone.git("push", "-q", "origin", ":a")
    assert open_repo.change("pull_request.closed").facts["number"] == number


async def test_pushing_the_commits_to_the_base_merges_the_pull_request(open_repo: Team) -> None:
    number = await open_repo.pull("a", {"a.txt": "a"})
    clone = await open_repo.clone("dev-1")
    await clone.git("push", "-q", "origin", "origin/a:main")
    assert open_repo.change("pull_request.merged").facts["number"] == number
    files = await open_repo.use(
        "qa", lambda g: [file.filename for file in g.get_repo(REPO).get_pull(number).get_files()]
    )
    assert files == ["a.txt"]


async def test_what_a_push_says_closes_issues(open_repo: Team) -> None:
    issue = await open_repo.use("qa", lambda g: g.get_repo(REPO).create_issue("Broken"))
    clone = await open_repo.clone("dev-1")
    await clone.commit_on("main", {"a.txt": "a"}, "-m", f"Fixes #{issue.number}")
    await clone.git("push", "-q", "origin", "main")
    closed = open_repo.change("issue.closed")
    assert (closed.facts["number"], closed.actor) == (issue.number, "dev-1")


async def test_the_event_is_stored_before_git_is_done_and_names_its_cause(open_repo: Team) -> None:
    clone = await open_repo.clone("dev-1")
    await clone.commit_on("caused", {"a.txt": "a"})
    await clone.git("-c", "http.extraHeader=X-Practicum-Exchange: exchange-7", "push", "-q", "origin", "caused")
    data, cause = open_repo.emitted[-1]
    assert getattr(data, "change", "") == "github.push"
    assert cause == "exchange-7"
