"""Real git through the gateway, on the real simulated GitHub."""

import asyncio
import base64
import os
from pathlib import Path
from typing import Any

import pytest

from practicum.bus.events import WorldChanged
from practicum.proctor.access import Grant

SERVICES = ("github",)


async def git(*words: str, cwd: Path, token: str) -> tuple[int, str]:
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        "GIT_CONFIG_KEY_1": "user.name",
        "GIT_CONFIG_VALUE_1": "dev-1",
        "GIT_CONFIG_KEY_2": "user.email",
        "GIT_CONFIG_VALUE_2": "dev-1@team.invalid",
        "GIT_HTTP_USER_AGENT": "git/2 practicum-cause/call-7",
    }
    process = await asyncio.create_subprocess_exec(
        "git", *words, cwd=cwd, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_git_clones_and_pushes_large_packs(team: Any, tmp_path: Path) -> None:
    token = team.token("github")
    code, out = await git("clone", "-q", f"{team.url}/git/acme/shortlink.git", "work", cwd=tmp_path, token=token)
    assert code == 0, out
    work = tmp_path / "work"
    for number in range(4):
        (work / f"{number}.bin").write_bytes(os.urandom(1_000_000))  # above http.postBuffer: sent in chunks
    await git("checkout", "-q", "-b", "big", cwd=work, token=token)
    await git("add", ".", cwd=work, token=token)
    await git("commit", "-q", "-m", "noise", cwd=work, token=token)
    code, out = await git("push", "-q", "origin", "big", cwd=work, token=token)
    assert code == 0, out
    code, out = await git(
        "clone", "-q", "-b", "big", f"{team.url}/git/acme/shortlink.git", "again", cwd=tmp_path, token=token
    )
    assert code == 0, out
    assert (tmp_path / "again" / "3.bin").read_bytes() == (work / "3.bin").read_bytes()
    push = next(each for each in team.stand.events if getattr(each.data, "route", "").endswith("git-receive-pack"))
    assert push.cause == "call-7"
    pushes = [
        (data, cause) for data, cause in team.changes if isinstance(data, WorldChanged) and data.change == "github.push"
    ]
    ids = {each.id for each in team.stand.events}
    assert [data.facts["ref"] for data, cause in pushes if cause in ids] == ["refs/heads/big"]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("push_default", ["push", "origin", "HEAD:main"]),
        ("branch.delete", ["push", "origin", ":old"]),
        ("force_push", ["push", "--force", "origin", "old~1:refs/heads/old"]),
        ("force_push", ["push", "--force", "origin", "other:refs/heads/old"]),
    ],
)
async def test_git_shows_which_act_is_forbidden(team: Any, tmp_path: Path, act: str, words: list[str]) -> None:
    free = team.token("github")
    rules = {"": "developer", act: f"developer: cannot.github.{act}"}
    grant = Grant(
        "github", frozenset({"acme/shortlink"}), {"contents": "write"}, forbidden=frozenset({act}), rules=rules
    )
    token, _ = team.stand.lease("github", grant)
    await git("clone", "-q", f"{team.url}/git/acme/shortlink.git", "work", cwd=tmp_path, token=free)
    work = tmp_path / "work"
    await git("checkout", "-q", "-b", "other", cwd=work, token=free)
    await git("commit", "-q", "--allow-empty", "-m", "elsewhere", cwd=work, token=free)
    await git("checkout", "-q", "-b", "old", "main", cwd=work, token=free)
    await git("commit", "-q", "--allow-empty", "-m", "one", cwd=work, token=free)
    code, out = await git("push", "-q", "origin", "old", cwd=work, token=token)
    assert code == 0, out  # a new branch is none of these acts
    await git("commit", "-q", "--allow-empty", "-m", "two", cwd=work, token=free)
    if act == "force_push":
        code, out = await git("push", "-q", "origin", "old", cwd=work, token=token)
        assert code == 0, out  # a fast-forward is no force push
    code, out = await git(*words, cwd=work, token=token)
    assert code != 0
    assert "403" in out
    assert team.stand.exchanges()[-1].refused.startswith("act: ")
    assert act in team.stand.exchanges()[-1].refused
