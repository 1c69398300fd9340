"""Branches."""

from __future__ import annotations

from practicum.world.github import refs
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, invalid, not_found
from practicum.world.github.git.process import GitError
from practicum.world.github.render.basics import Object
from practicum.world.github.render.commits import commit
from practicum.world.github.render.repositories import api_url, html_url, protection_url


def _protection(call: Call, branch: str) -> Object:
    rules = call.repo.protections.get(branch)
    contexts = list(rules.contexts or ()) if rules else []
    return {
        "enabled": rules is not None,
        "required_status_checks": {
            "enforcement_level": "off" if rules is None or rules.contexts is None else "non_admins",
            "contexts": [*contexts],
            "checks": [{"context": context, "app_id": None} for context in contexts],
        },
    }


@handles("GET", "~/branches")
async def branches(call: Call) -> Reply:
    api = api_url(call.core, call.repo)
    found = list(call.repo.git.branches().items())
    if call.query("protected") in ("true", "false"):
        wanted = call.query("protected") == "true"
        found = [(name, sha) for name, sha in found if (name in call.repo.protections) is wanted]

    def render(pair: tuple[str, str]) -> Object:
        name, sha = pair
        return {
            "name": name,
            "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
            "protected": name in call.repo.protections,
            "protection": _protection(call, name),
            "protection_url": protection_url(call.core, call.repo, name),
        }

    return call.listing(found, render)


async def _branch(call: Call, name: str) -> Object:
    sha = call.repo.git.branch(name)
    if sha is None:
        raise ApiError(404, "Branch not found")
    api, html = api_url(call.core, call.repo), html_url(call.core, call.repo)
    return {
        "name": name,
        "commit": commit(call.core, call.repo, await call.repo.git.commit(sha)),
        "_links": {"self": f"{api}/branches/{name}", "html": f"{html}/tree/{name}"},
        "protected": name in call.repo.protections,
        "protection": _protection(call, name),
        "protection_url": protection_url(call.core, call.repo, name),
    }


@handles("GET", "~/branches/{branch}")
async def branch(call: Call) -> Reply:
    return Reply(await _branch(call, call.arg("branch")))


@handles("POST", "~/branches/{branch}/rename")
async def rename(call: Call) -> Reply:
    repo, old = call.repo, call.arg("branch")
    new = call.body.need("new_name", "Branch")
    async with repo.lock:
        sha = repo.git.branch(old)
        if sha is None:
            raise not_found()
        if repo.git.branch(new) is not None:
            raise invalid("Branch", "new_name", "already_exists")
        if old == repo.default_branch or old in repo.protections:
            call.need_role("admin")
        try:
            await refs.move(call.core, repo, f"refs/heads/{new}", sha, None, call.by)
        except GitError:
            raise invalid("Branch", "new_name") from None
        for issue in repo.open_pulls():
            if issue.pull is not None:
                issue.pull.head_ref = new if issue.pull.head_ref == old else issue.pull.head_ref
                issue.pull.base_ref = new if issue.pull.base_ref == old else issue.pull.base_ref
        if old in repo.protections:
            repo.protections[new] = repo.protections.pop(old)
        if old == repo.default_branch:
            await repo.git.set_head(new)
            repo.default_branch = new
        await refs.move(call.core, repo, f"refs/heads/{old}", None, sha, call.by)
    return Reply(await _branch(call, new), 201)


@handles("GET", "~/commits/{commit_sha}/branches-where-head")
async def branches_where_head(call: Call) -> Reply:
    sha, api = call.arg("commit_sha"), api_url(call.core, call.repo)
    return Reply(
        [
            {
                "name": name,
                "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
                "protected": name in call.repo.protections,
            }
            for name, tip in call.repo.git.branches().items()
            if tip == sha
        ]
    )
