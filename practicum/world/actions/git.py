"""Trusted git, outside the sandbox: reads workflow files and checks commits out, and never runs anything they hold."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from practicum.errors import InfrastructureError

TIMEOUT_S = 60.0
MAX_WORKFLOW_BYTES = 1024 * 1024

_CONFIG = """\
[safe]
\tdirectory = *
[core]
\thooksPath = /dev/null
\tfsmonitor = false
[uploadpack]
\tallowAnySHA1InWant = true
[protocol]
\tallow = never
[protocol "file"]
\tallow = always
[gc]
\tauto = 0
[advice]
\tdetachedHead = false
"""


class GitError(InfrastructureError):
    """A git command failed; the message is what git said."""


class Git:
    """Runs git with a configuration of our own and none of the machine's."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._config = directory / "gitconfig"
        self._config.write_text(_CONFIG)

    async def run(self, arguments: Sequence[str], *, cwd: Path) -> bytes:
        """Run git and return its standard output.

        Raises:
            GitError: git failed, or took longer than `TIMEOUT_S`.
        """
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            cwd=cwd,
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(TIMEOUT_S):
                out, err = await process.communicate()
        except TimeoutError as error:
            raise GitError(f"git {arguments[0]} took longer than {TIMEOUT_S:.0f} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise GitError(f"git {arguments[0]}: {err.decode(errors='replace').strip()[:500]}")
        return out

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": str(self._config),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ATTR_NOSYSTEM": "1",
        }

    async def workflow_files(self, repository: Path, sha: str) -> Mapping[str, str]:
        """Path to text of every `.github/workflows/*.yml` and `*.yaml` at a commit, in order of path."""
        listing = await self.run(["ls-tree", "-z", "-l", sha, ".github/workflows/"], cwd=repository)
        found: dict[str, str] = {}
        for entry in listing.decode(errors="replace").split("\0"):
            head, _, path = entry.partition("\t")
            fields = head.split()
            if len(fields) != 4 or fields[1] != "blob" or fields[0] == "120000" or not path.endswith((".yml", ".yaml")):
                continue
            if int(fields[3]) > MAX_WORKFLOW_BYTES:
                found[path] = "x" * (MAX_WORKFLOW_BYTES // 4)
                continue
            blob = await self.run(["cat-file", "blob", fields[2]], cwd=repository)
            found[path] = blob.decode(errors="replace")
        return dict(sorted(found.items()))

    async def changed_files(self, repository: Path, base: str, head: str, *, since_fork: bool) -> list[str]:
        """Paths that differ between two commits; with `since_fork`, from where `head` left `base`."""
        span = f"{base}...{head}" if since_fork else f"{base}..{head}"
        out = await self.run(["diff", "--name-only", "-z", "--no-ext-diff", span], cwd=repository)
        return [name for name in out.decode(errors="replace").split("\0") if name]

    async def resolve(self, repository: Path, name: str) -> str:
        """The commit that a branch, tag or hash means.

        Raises:
            GitError: there is none.
        """
        if name.startswith("-"):
            raise GitError(f"{name!r} is not the name of a commit")
        for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", name):
            try:
                out = await self.run(["rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}"], cwd=repository)
            except GitError:
                continue
            return out.decode().strip()
        raise GitError(f"{name!r} is not a branch, tag or commit of this repository")

    async def check_out(self, repository: Path, sha: str, target: Path, *, branch: str, origin: str) -> None:
        """Clone into `target`, which must not exist, with `sha` checked out.

        `branch` is the local branch to be on, empty for a detached head; `origin` the address that the clone remembers
        in place of the path on this machine.

        Raises:
            GitError: the commit is not there, or cannot be checked out.
        """
        clone = ["clone", "--quiet", "--no-checkout", "--no-local", "--template=", str(repository), str(target)]
        await self.run(clone, cwd=repository)
        known = ["cat-file", "-e", f"{sha}^{{commit}}"]
        try:
            await self.run(known, cwd=target)
        except GitError:
            await self.run(["fetch", "--quiet", "origin", sha], cwd=target)
        place = ["checkout", "--quiet", "--force"]
        await self.run([*place, "-B", branch, sha] if branch else [*place, "--detach", sha], cwd=target)
        await self.run(["remote", "set-url", "origin", origin], cwd=target)
