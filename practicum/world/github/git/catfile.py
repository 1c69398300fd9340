"""Reading objects through one long-lived `git cat-file --batch`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from practicum.world.github.git.process import TIMEOUT, GitError, end, git_environment


@dataclass(frozen=True)
class RawObject:
    """An object as git stores it."""

    sha: str
    kind: str
    data: bytes


class CatFile:
    """One process for each repository: reading an object costs a round trip through a pipe, not a process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    async def read(self, revision: str) -> RawObject | None:
        """The object that a revision such as `main`, `SHA` or `SHA:path` names; None when there is none.

        Raises:
            GitError: when git does not answer in time.
        """
        if "\n" in revision or not revision:
            return None
        async with self._lock:
            try:
                return await asyncio.wait_for(self._read(revision), TIMEOUT)
            except TimeoutError:
                await self._stop()
                raise GitError(["cat-file"], 124, "no answer") from None
            except (BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError) as error:
                await self._stop()
                raise GitError(["cat-file"], 1, f"process ended: {error}") from error
            except asyncio.CancelledError:
                # Half an answer may be left in the pipe; the next reader needs a clean one.
                await self._stop()
                raise

    async def _read(self, revision: str) -> RawObject | None:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                "git",
                "cat-file",
                "--batch",
                cwd=self._path,
                env=git_environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=1 << 20,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(revision.encode() + b"\n")
        await process.stdin.drain()
        header = await process.stdout.readline()
        parts = header.decode(errors="replace").rstrip("\n").rsplit(" ", 2)
        if len(parts) != 3 or not parts[2].isdigit() or len(parts[0]) != 40:
            if header == b"":
                raise ConnectionResetError("end of file")
            return None
        data = await process.stdout.readexactly(int(parts[2]))
        await process.stdout.readexactly(1)
        return RawObject(parts[0], parts[1], data)

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            await end(process)

    async def close(self) -> None:
        """End the process."""
        async with self._lock:
            await self._stop()
