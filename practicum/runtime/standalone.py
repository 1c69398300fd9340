"""Simulated services by themselves: a second GitHub to run `--live` against, a Slack for somebody's tests."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from practicum.errors import InvalidFileError, UsageError
from practicum.scenarios.schema import SERVICES
from practicum.world.server import serve
from practicum.world.service import Credential

RIGHTS = ("read", "write", "admin")


def read_accounts(path: Path) -> tuple[list[Credential], dict[str, str]]:
    """Accounts from a file, and what each may do in the repository: lines of `SERVICE LOGIN TOKEN [RIGHT]`.

    A right is `read`, `write` (when left out) or `admin`; `#` begins a comment. Only hashes of tokens are kept.

    Raises:
        UsageError: no such file.
        InvalidFileError: a line is something else.
    """
    if not path.is_file():
        raise UsageError(
            f"{path}: no such file", hint="lines of SERVICE LOGIN TOKEN [RIGHT], such as: github dev-1 <token>"
        )
    accounts: list[Credential] = []
    rights: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if len(words) not in (3, 4) or words[0] not in SERVICES or (len(words) == 4 and words[3] not in RIGHTS):
            expected = f"expected SERVICE LOGIN TOKEN [{'|'.join(RIGHTS)}], services: {', '.join(SERVICES)}"
            raise InvalidFileError(str(path), number, "", expected)
        service, login, token = words[:3]
        if service == "github":
            rights[login] = words[3] if len(words) == 4 else "write"
        accounts.append(
            Credential(
                service=service,
                token_sha256=hashlib.sha256(token.encode()).hexdigest(),
                login=login,
                name=login,
                email=f"{login}@team.invalid",
            )
        )
    if not accounts:
        raise UsageError(f"{path} names no account", hint="lines of SERVICE LOGIN TOKEN")
    return accounts, rights


async def serve_world(
    services: list[str],
    *,
    token_file: Path,
    repo: str,
    channels: list[str],
    port: int,
    directory: Path | None,
    say: Callable[[str], None],
) -> None:
    """Serve until cancelled.

    Raises:
        UsageError: an unknown service, a bad account file, a port in use.
    """
    accounts, rights = read_accounts(token_file)
    seeds: dict[str, dict[str, object]] = {
        "github": {"repo": repo, "repos": {repo: {"protected": True, "collaborators": rights}}} if repo else {},
        "slack": {"channels": channels},
        "discord": {"channels": channels},
        "deploy": {},
    }
    unknown = [name for name in services if name not in seeds]
    if unknown:
        raise UsageError(f"there is no service {unknown[0]!r}", hint=f"services: {', '.join(seeds)}")
    async with AsyncExitStack() as stack:
        if directory is None:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="practicum-world-")))
        seed = {name: seeds[name] for name in services}
        try:
            world = await stack.enter_async_context(
                serve(services, credentials=accounts, directory=directory, port=port, seed=seed)  # type: ignore[arg-type]
            )
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}", hint="--port 0 takes a free one"
            ) from error
        for name in services:
            suffix = {"github": "/github  git: /git", "slack": "/slack/api/", "discord": "/discord/api/v10"}
            say(f"{name:<8} {world.url}{suffix.get(name, f'/{name}')}")
        await asyncio.get_running_loop().create_future()
