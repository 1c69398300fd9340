"""git over HTTP, through git's own `git http-backend` (https://git-scm.com/docs/http-protocol).

Fetches stream both ways. A push is first received to a file, so that a slow sender holds up nobody; then, under the
repository's lock, git checks and stores it, and what changed is told before the answer goes out.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

from aiohttp import web

from practicum.world.github import refs
from practicum.world.github.access import at_least, can_see, holds, role_of
from practicum.world.github.auth import authenticate
from practicum.world.github.core import Cause, Core
from practicum.world.github.errors import ApiError
from practicum.world.github.git.hooks import NO_FORCE, REFUSED, RESULT
from practicum.world.github.git.objects import ZERO
from practicum.world.github.git.process import end, git_environment
from practicum.world.github.pulls.rules import no_force, push_refusal
from practicum.world.github.state import Repository
from practicum.world.service import Credential, cause_of

_CHUNK = 64 * 1024
_TIMEOUT = 300.0
"""Seconds that one fetch or push may take."""
LARGEST_PUSH = 2 * 1024**3
"""Bytes; GitHub's own limit."""


@cache
def _backend() -> str:
    out = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)
    return str(Path(out.stdout.strip()) / "git-http-backend")


def mount(app: web.Application, core: Core) -> None:
    """Add the routes under `/git`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await _serve(core, request)

    app.router.add_get("/git/{owner}/{repo}/info/refs", handle)
    app.router.add_post("/git/{owner}/{repo}/{service:git-upload-pack|git-receive-pack}", handle)


async def _serve(core: Core, request: web.Request) -> web.StreamResponse:
    service = request.match_info.get("service") or request.query.get("service", "")
    if service not in ("git-upload-pack", "git-receive-pack"):
        return web.Response(status=403, text="dumb HTTP is not supported\n")
    writes = service == "git-receive-pack"
    try:
        credential = authenticate(core.context.credentials, request)
    except ApiError as error:
        return web.Response(status=401, text=f"{error.message}\n", headers={"WWW-Authenticate": 'Basic realm="GitHub"'})
    name = request.match_info["repo"].removesuffix(".git")
    repo = core.store.repository(f"{request.match_info['owner']}/{name}")
    if repo is None or not can_see(credential, repo):
        return web.Response(status=404, text="Repository not found.\n")
    refused = _refusal(credential, repo, writes)
    if refused:
        return web.Response(status=403, text=refused)
    if writes and request.method == "POST":
        return await _push(core, request, repo, credential)
    return await _stream(request, repo, credential)


def _refusal(credential: Credential, repo: Repository, writes: bool) -> str:
    level, role = ("write", "write") if writes else ("read", "read")
    allowed = holds(credential, "contents", level) and at_least(role_of(repo, credential.login), role)
    if not allowed:
        act = f"Permission to {repo.full_name}.git denied to {credential.login}."
        return act if writes else "Write access to repository not granted.\n"
    if writes and repo.archived:
        return "This repository was archived so it is read-only.\n"
    return ""


def _environment(
    request: web.Request, repo: Repository, credential: Credential, extra: dict[str, str]
) -> dict[str, str]:
    tail = request.match_info.get("service") or "info/refs"
    env = {
        "GIT_PROJECT_ROOT": str(repo.git.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": request.method,
        "PATH_INFO": f"/{repo.git.path.name}/{tail}",
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "REMOTE_USER": credential.login,
        "REMOTE_ADDR": request.remote or "",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        **extra,
    }
    return git_environment(env)


async def _start(env: dict[str, str], stdin: int | IO[bytes]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        _backend(),
        env=env,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_CHUNK,
    )


async def _head(stdout: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """The CGI headers; a backend that says nothing has failed."""
    status, headers, seen = 200, {}, False
    while line := (await stdout.readline()).decode().rstrip("\r\n"):
        seen = True
        key, _, value = line.partition(":")
        if key.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[key] = value.strip()
    return (status if seen else 500), headers


async def _stream(request: web.Request, repo: Repository, credential: Credential) -> web.StreamResponse:
    process = await _start(_environment(request, repo, credential, {}), asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    async def feed() -> None:
        try:
            async for chunk in request.content.iter_chunked(_CHUNK):
                stdin.write(chunk)
                await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return  # git has read what it wanted
        finally:
            stdin.close()

    try:
        async with asyncio.timeout(_TIMEOUT), asyncio.TaskGroup() as group:
            feeding = group.create_task(feed())
            status, headers = await _head(stdout)
            response = web.StreamResponse(status=status, headers=headers)
            await response.prepare(request)
            while chunk := await stdout.read(_CHUNK):
                await response.write(chunk)
            await response.write_eof()
            feeding.cancel()
    finally:
        stdin.close()
        await end(process)
    return response


async def _push(core: Core, request: web.Request, repo: Repository, credential: Credential) -> web.StreamResponse:
    by = Cause(credential.login, cause_of(request))
    with tempfile.TemporaryDirectory(dir=core.root) as folder:
        received, result = Path(folder) / "request", Path(folder) / "result"
        if not await _receive(request, received):
            return web.Response(status=413, text="push is too large\n")
        async with repo.lock:
            commands = await asyncio.to_thread(_commands, received)
            extra = {
                "CONTENT_LENGTH": str(received.stat().st_size),
                RESULT: str(result),
                REFUSED: _refused(repo, commands, credential.login),
                NO_FORCE: _fast_forward_only(repo, commands, credential.login),
            }
            env = _environment(request, repo, credential, extra)
            with received.open("rb") as body:
                process = await _start(env, body)
            assert process.stdout is not None
            try:
                async with asyncio.timeout(_TIMEOUT):
                    status, headers = await _head(process.stdout)
                    answer = await process.stdout.read()
                    await process.wait()
            finally:
                await end(process)
            await _tell(core, repo, result, by)
    return web.Response(status=status, headers=headers, body=answer)


async def _receive(request: web.Request, place: Path) -> bool:
    size = 0
    with place.open("wb") as out:
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > LARGEST_PUSH:
                return False
            out.write(chunk)
    return True


def _commands(place: Path) -> list[tuple[str, str, str]]:
    """What a push asks for: (old, new, ref), from the packet lines before the pack.

    https://git-scm.com/docs/pack-protocol#_reference_update_request_and_packfile_transfer
    """
    out = []
    with place.open("rb") as body:
        while (size := int(body.read(4) or b"0", 16)) > 4:
            line = body.read(size - 4).split(b"\0", 1)[0].decode(errors="replace").strip()
            parts = line.split(" ", 2)
            if len(parts) == 3 and len(parts[0]) == len(parts[1]) == 40:
                out.append((parts[0], parts[1], parts[2]))
    return out


def _refused(repo: Repository, commands: list[tuple[str, str, str]], login: str) -> str:
    for _, new, ref in commands:
        branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None
        if branch is None:
            continue
        why = push_refusal(repo, branch, None if new == ZERO else new, login) if ref in repo.git.refs else None
        if new == ZERO and branch == repo.default_branch:
            why = why or "Cannot delete the default branch"
        if why is not None:
            return f"error: GH006: Protected branch update failed for {ref}.\nerror: {why}"
    return ""


def _fast_forward_only(repo: Repository, commands: list[tuple[str, str, str]], login: str) -> str:
    heads = [ref for old, new, ref in commands if ref.startswith("refs/heads/") and ZERO not in (old, new)]
    return "".join(f" {ref} " for ref in heads if no_force(repo, ref.removeprefix("refs/heads/"), login))


async def _tell(core: Core, repo: Repository, result: Path, by: Cause) -> None:
    if not result.exists():
        return
    for line in result.read_text().splitlines():
        old, new, ref = line.split(" ", 2)
        await refs.announce(core, repo, ref, old, new, by)
