"""Files of a repository, read and written by path."""

from __future__ import annotations

from urllib.parse import quote

from practicum.bus.events import Json
from practicum.world.github import refs
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, conflict, invalid, not_found, unprocessable
from practicum.world.github.git.objects import TreeEntry
from practicum.world.github.git.process import GitError
from practicum.world.github.git.repository import Git
from practicum.world.github.pulls.merge import signature
from practicum.world.github.pulls.rules import push_refusal
from practicum.world.github.render.basics import Object
from practicum.world.github.render.commits import git_commit
from practicum.world.github.render.repositories import api_url, html_url
from practicum.world.github.routes.gitdata import person_from
from practicum.world.github.text import b64_lines, unb64

_KIND = {"040000": "dir", "160000": "submodule", "120000": "symlink"}


async def _entry(git: Git, commit: str, path: str) -> TreeEntry | None:
    """The entry at a path of a commit; the root is a directory without a name."""
    entry = TreeEntry("040000", "", (await git.commit(commit)).tree)
    for part in path.split("/") if path else ():
        inside = await git.tree(entry.sha) if entry.kind == "tree" else None
        found = next((each for each in inside or () if each.name == part), None)
        if found is None:
            return None
        entry = found
    return entry


def _described(call: Call, ref: str, path: str, entry: TreeEntry, size: int) -> Object:
    api, html, place = api_url(call.core, call.repo), html_url(call.core, call.repo), quote(path)
    kind = _KIND.get(entry.mode, "file")
    url = f"{api}/contents/{place}?ref={quote(ref)}"
    git_url = f"{api}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.sha}"
    page = f"{html}/{'tree' if kind == 'dir' else 'blob'}/{quote(ref)}/{place}"
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": size,
        "url": url,
        "git_url": git_url,
        "html_url": page,
        "download_url": None if kind == "dir" else f"{html}/raw/{quote(ref)}/{place}",
        "_links": {"self": url, "git": git_url, "html": page},
    }


async def _get(call: Call, path: str) -> Reply:
    git, ref = call.repo.git, call.query("ref") or call.repo.default_branch
    commit = await git.resolve(ref)
    if commit is None:
        if not git.branches():
            raise ApiError(404, "This repository is empty.")
        raise ApiError(404, f"No commit found for the ref {ref}")
    entry = await _entry(git, commit, path)
    if entry is None:
        raise not_found()
    accept = call.request.headers.get("Accept", "")
    if entry.kind == "tree":
        out: list[Json] = []
        for each in await git.tree(entry.sha) or []:
            blob = await git.read(each.sha) if each.kind == "blob" else None
            place = f"{path}/{each.name}" if path else each.name
            out.append(_described(call, ref, place, each, len(blob.data) if blob else 0))
        return Reply(out)
    found = await git.read(entry.sha)
    data = found.data if found else b""
    if "raw" in accept:
        return Reply(content=data, content_type="application/vnd.github.raw; charset=utf-8")
    shown = _described(call, ref, path, entry, len(data))
    if entry.kind == "blob":
        # Files over 1 MB come without their content: https://docs.github.com/en/rest/repos/contents
        small = len(data) <= 1024 * 1024
        shown["content"] = b64_lines(data) if small else ""
        shown["encoding"] = "base64" if small else "none"
    return Reply(shown)


@handles("GET", "~/contents")
@handles("GET", "~/contents/{path}")
async def get(call: Call) -> Reply:
    return await _get(call, call.arg("path").strip("/"))


@handles("GET", "~/readme")
async def readme(call: Call) -> Reply:
    tip = call.repo.git.branch(call.repo.default_branch)
    for entry in await call.repo.git.tree(tip) or [] if tip else []:
        if entry.name.lower().partition(".")[0] == "readme" and entry.kind == "blob":
            return await _get(call, entry.name)
    raise not_found()


@handles("PUT", "~/contents/{path}")
async def put(call: Call) -> Reply:
    """Create or update: an update names the blob that it replaces."""
    content = call.body.text("content")
    if content is None:
        raise invalid("Content", "content", "missing_field")
    return await _write(call, unb64(content))


@handles("DELETE", "~/contents/{path}")
async def delete(call: Call) -> Reply:
    return await _write(call, None)


async def _write(call: Call, content: bytes | None) -> Reply:
    repo, git, path = call.repo, call.repo.git, call.arg("path").strip("/")
    message = call.body.need("message", "Content")
    if not path or any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise unprocessable("path contains a malformed path component")
    sha, branch = call.body.text("sha"), call.body.text("branch") or repo.default_branch
    async with repo.lock:
        tip = git.branch(branch)
        if tip is None and git.branches():
            raise ApiError(404, f"Branch {branch} not found")
        existing = await _entry(git, tip, path) if tip else None
        _check_sha(existing, path, sha, content)
        refused = push_refusal(repo, branch, "", call.login) if tip else None
        if refused is not None:
            raise conflict(f"Repository rule violations found\n\n{refused}")
        new_blob = None
        if content is not None:
            mode = existing.mode if existing is not None and existing.kind == "blob" else "100644"
            new_blob = (mode, git.write("blob", content))
        tree = await git.replace_entry((await git.commit(tip)).tree if tip else None, path, new_blob)
        default = signature(call.core, call.account)
        author = person_from(call, call.body.inner("author"), default)
        committer = person_from(call, call.body.inner("committer"), default)
        new = git.write_commit(tree, [tip] if tip else [], author, committer, message)
        try:
            await refs.move(call.core, repo, f"refs/heads/{branch}", new, tip, call.by)
        except GitError:
            raise conflict(f"is at {git.branch(branch)} but expected {tip}") from None
    shown: Object = {"content": None, "commit": git_commit(call.core, repo, await git.commit(new))}
    if new_blob is not None and content is not None:
        entry = TreeEntry(new_blob[0], path.rpartition("/")[2], new_blob[1])
        shown["content"] = _described(call, branch, path, entry, len(content))
    return Reply(shown, 200 if existing is not None else 201)


def _check_sha(existing: TreeEntry | None, path: str, sha: str | None, content: bytes | None) -> None:
    if existing is None:
        if content is None or sha is not None:
            raise not_found() if content is None else conflict(f"{path} does not exist")
        return
    if existing.kind != "blob":
        raise unprocessable(f"{path} is not a file")
    if sha is None:
        raise unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')
    if sha != existing.sha:
        raise conflict(f"{path} does not match {sha}")
