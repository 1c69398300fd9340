"""Blobs, trees, commits and tags of the git database."""

from __future__ import annotations

from datetime import UTC, datetime

from practicum.bus.events import Json
from practicum.world.github.body import Body
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid, not_found, unprocessable
from practicum.world.github.git.objects import SHA, Person, format_tag, parse_tag
from practicum.world.github.git.repository import Git
from practicum.world.github.pulls.merge import signature
from practicum.world.github.render.basics import Object, node_id
from practicum.world.github.render.commits import git_commit, tag_object
from practicum.world.github.render.repositories import api_url
from practicum.world.github.text import b64_lines, unb64

_MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}
_LARGEST_TREE = 100_000


@handles("GET", "~/git/blobs/{file_sha}")
async def get_blob(call: Call) -> Reply:
    found = await call.repo.git.read(call.arg("file_sha")) if SHA.match(call.arg("file_sha")) else None
    if found is None or found.kind != "blob":
        raise not_found()
    if "raw" in call.request.headers.get("Accept", ""):
        return Reply(content=found.data, content_type="application/octet-stream")
    return Reply(
        {
            "sha": found.sha,
            "node_id": node_id("Blob", found.sha),
            "size": len(found.data),
            "url": f"{api_url(call.core, call.repo)}/git/blobs/{found.sha}",
            "content": b64_lines(found.data),
            "encoding": "base64",
        }
    )


@handles("POST", "~/git/blobs")
async def create_blob(call: Call) -> Reply:
    text = call.body.text("content")
    if text is None:
        raise invalid("Blob", "content", "missing_field")
    encoded = (call.body.text("encoding") or "utf-8") == "base64"
    sha = call.repo.git.write("blob", unb64(text) if encoded else text.encode())
    url = f"{api_url(call.core, call.repo)}/git/blobs/{sha}"
    return Reply({"sha": sha, "url": url}, 201, {"Location": url})


async def _tree(call: Call, sha: str, *, deep: bool) -> Reply:
    git, api = call.repo.git, api_url(call.core, call.repo)
    entries: list[Json] = []

    async def walk(tree: str, prefix: str) -> None:
        for entry in await git.tree(tree) or []:
            if len(entries) >= _LARGEST_TREE:
                return
            shown: Object = {"path": prefix + entry.name, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
            if entry.kind == "blob":
                found = await git.read(entry.sha)
                shown["size"] = len(found.data) if found else 0
            if entry.kind != "commit":
                shown["url"] = f"{api}/git/{entry.kind}s/{entry.sha}"
            entries.append(shown)
            if deep and entry.kind == "tree":
                await walk(entry.sha, f"{prefix}{entry.name}/")

    await walk(sha, "")
    return Reply(
        {
            "sha": sha,
            "url": f"{api}/git/trees/{sha}",
            "tree": entries,
            "truncated": len(entries) >= _LARGEST_TREE,
        }
    )


@handles("GET", "~/git/trees/{tree_sha}")
async def get_tree(call: Call) -> Reply:
    given, git = call.arg("tree_sha"), call.repo.git
    commit = await git.resolve(given)
    sha = (await git.commit(commit)).tree if commit else given
    found = await git.read(sha) if SHA.match(sha) else None
    if found is None or found.kind != "tree":
        raise not_found()
    return await _tree(call, sha, deep="recursive" in call.request.query)


@handles("POST", "~/git/trees")
async def create_tree(call: Call) -> Reply:
    git, base = call.repo.git, call.body.text("base_tree")
    tree: str | None = None
    if base is not None:
        commit = await git.resolve(base)
        tree = (await git.commit(commit)).tree if commit else base
        found = await git.read(tree) if SHA.match(tree) else None
        if found is None or found.kind != "tree":
            raise not_found()
    entries = call.body.objects("tree")
    if not entries:
        raise unprocessable("Invalid tree info")
    for entry in entries:
        path = entry.need("path", "Tree")
        if any(part in ("", ".", "..", ".git") for part in path.split("/")):
            raise unprocessable("tree.path contains a malformed path component")
        tree = await git.replace_entry(tree, path, await _entry(git, entry))
    reply = await _tree(call, tree or git.write("tree", b""), deep=False)
    reply.status = 201
    return reply


async def _entry(git: Git, entry: Body) -> tuple[str, str] | None:
    """Mode and object of an entry; None where `sha: null` asks for its removal."""
    mode = entry.text("mode") or "100644"
    if mode not in _MODES:
        raise unprocessable(f"Must supply a valid tree.mode: {mode}")
    content = entry.text("content")
    if content is not None:
        return mode, git.write("blob", content.encode())
    sha = entry.text("sha")
    if sha is None:
        if "sha" in entry:
            return None
        raise unprocessable("Must supply either tree.sha or tree.content")
    found = await git.read(sha) if SHA.match(sha) else None
    if mode != "160000" and (found is None or found.kind != _MODES[mode]):
        raise unprocessable(f"tree.sha {sha} is not a valid {_MODES[mode]}")
    return mode, sha


def person_from(call: Call, body: Body | None, default: Person) -> Person:
    """Author, committer or tagger as the caller gives it: nothing proves it, as with git itself."""
    if body is None:
        return default
    date = body.text("date")
    try:
        when = datetime.fromisoformat(date) if date else default.when
    except ValueError:
        raise unprocessable(f"{date} is not a date") from None
    return Person(
        body.need("name", "Commit"), body.need("email", "Commit"), when if when.tzinfo else when.replace(tzinfo=UTC)
    )


@handles("GET", "~/git/commits/{commit_sha}")
async def get_commit(call: Call) -> Reply:
    found = await call.repo.git.read(call.arg("commit_sha")) if SHA.match(call.arg("commit_sha")) else None
    if found is None or found.kind != "commit":
        raise not_found()
    return Reply(git_commit(call.core, call.repo, await call.repo.git.commit(found.sha)))


@handles("POST", "~/git/commits")
async def create_commit(call: Call) -> Reply:
    git, body = call.repo.git, call.body
    message, tree = body.need("message", "Commit"), body.need("tree", "Commit")
    found = await git.read(tree) if SHA.match(tree) else None
    if found is None or found.kind != "tree":
        raise unprocessable("Tree SHA does not exist")
    parents = body.texts("parents") or []
    for parent in parents:
        each = await git.read(parent) if SHA.match(parent) else None
        if each is None or each.kind != "commit":
            raise unprocessable("Parent SHA does not exist or is not a commit object")
    author = person_from(call, body.inner("author"), signature(call.core, call.account))
    committer = person_from(call, body.inner("committer"), author)
    sha = git.write_commit(tree, parents, author, committer, message)
    shown = git_commit(call.core, call.repo, await git.commit(sha))
    return Reply(shown, 201, {"Location": str(shown["url"])})


@handles("GET", "~/git/tags/{tag_sha}")
async def get_tag(call: Call) -> Reply:
    found = await call.repo.git.read(call.arg("tag_sha")) if SHA.match(call.arg("tag_sha")) else None
    if found is None or found.kind != "tag":
        raise not_found()
    return Reply(tag_object(call.core, call.repo, parse_tag(found.sha, found.data)))


@handles("POST", "~/git/tags")
async def create_tag(call: Call) -> Reply:
    git, body = call.repo.git, call.body
    name, message, target = body.need("tag", "Tag"), body.need("message", "Tag"), body.need("object", "Tag")
    found = await git.read(target) if SHA.match(target) else None
    if found is None:
        raise unprocessable("Object does not exist")
    tagger = person_from(call, body.inner("tagger"), signature(call.core, call.account))
    data = format_tag(found.sha, found.kind, name, tagger, message)
    sha = git.write("tag", data)
    return Reply(tag_object(call.core, call.repo, parse_tag(sha, data)), 201)
