"""Refs of the git database."""

from __future__ import annotations

from practicum.world.github import refs
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, not_found, unprocessable
from practicum.world.github.git.history import is_ancestor
from practicum.world.github.git.process import GitError
from practicum.world.github.pulls.rules import no_force, push_refusal
from practicum.world.github.render.basics import Object
from practicum.world.github.render.commits import ref as render_ref


async def _shown(call: Call, name: str) -> Object:
    sha = call.repo.git.refs[name]
    found = await call.repo.git.read(sha)
    return render_ref(call.core, call.repo, name, sha, found.kind if found else "commit")


# Refs print themselves with `git/refs` in their address, and PyGithub reads them there.
@handles("GET", "~/git/ref/{ref}")
@handles("GET", "~/git/refs/{ref}")
async def get(call: Call) -> Reply:
    name = f"refs/{call.arg('ref').removeprefix('refs/')}"
    if name not in call.repo.git.refs:
        raise not_found()
    return Reply(await _shown(call, name))


@handles("GET", "~/git/refs")
@handles("GET", "~/git/matching-refs/{ref}")
async def matching(call: Call) -> Reply:
    prefix = f"refs/{call.arg('ref').removeprefix('refs/')}"
    names, headers = call.page([name for name in sorted(call.repo.git.refs) if name.startswith(prefix)])
    return Reply([await _shown(call, name) for name in names], headers=headers)


@handles("POST", "~/git/refs")
async def create(call: Call) -> Reply:
    name, sha = call.body.need("ref", "Reference"), call.body.need("sha", "Reference")
    if not name.startswith("refs/") or name.count("/") < 2 or name.startswith("refs/pull/"):
        raise unprocessable("Reference name must start with 'refs/' and contain at least three segments.")
    found = await call.repo.git.read(sha) if len(sha) == 40 else None
    if found is None or (name.startswith("refs/heads/") and found.kind != "commit"):
        raise unprocessable("Object does not exist")
    async with call.repo.lock:
        if name in call.repo.git.refs:
            raise unprocessable("Reference already exists")
        _check(call, name, sha)
        try:
            await refs.move(call.core, call.repo, name, sha, None, call.by)
        except GitError:
            raise unprocessable("Reference name is invalid") from None
        shown = await _shown(call, name)
    return Reply(shown, 201, {"Location": str(shown["url"])})


def _check(call: Call, name: str, sha: str | None) -> None:
    if not name.startswith("refs/heads/"):
        return
    refused = push_refusal(call.repo, name.removeprefix("refs/heads/"), sha, call.login)
    if refused is not None:
        raise unprocessable(f"Protected branch update failed for {name}. {refused}")


@handles("PATCH", "~/git/refs/{ref}")
async def update(call: Call) -> Reply:
    name, sha = f"refs/{call.arg('ref')}", call.body.need("sha", "Reference")
    async with call.repo.lock:
        old = call.repo.git.refs.get(name)
        if old is None or name.startswith("refs/pull/"):
            raise unprocessable("Reference does not exist")
        found = await call.repo.git.read(sha) if len(sha) == 40 else None
        if found is None or (name.startswith("refs/heads/") and found.kind != "commit"):
            raise unprocessable("Object does not exist")
        _check(call, name, sha)
        forced = name.startswith("refs/heads/") and not await is_ancestor(call.repo.git, old, sha)
        if forced and (not call.body.flag("force", False) or no_force(call.repo, name[11:], call.login)):
            raise unprocessable("Update is not a fast forward")
        try:
            await refs.move(call.core, call.repo, name, sha, old, call.by)
        except GitError as error:
            raise ApiError(409, f"Reference was modified: {error.stderr.strip()}") from None
        return Reply(await _shown(call, name))


@handles("DELETE", "~/git/refs/{ref}")
async def delete(call: Call) -> Reply:
    name = f"refs/{call.arg('ref')}"
    async with call.repo.lock:
        old = call.repo.git.refs.get(name)
        if old is None or name.startswith("refs/pull/"):
            raise unprocessable("Reference does not exist")
        _check(call, name, None)
        if name == f"refs/heads/{call.repo.default_branch}":
            raise unprocessable("Cannot delete the default branch")
        await refs.move(call.core, call.repo, name, None, old, call.by)
    return Reply(status=204)
