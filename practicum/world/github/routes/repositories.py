"""Repositories: make, read, change, delete; topics, languages, contributors, tags, activity."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from practicum.bus.events import Json
from practicum.world.github import webhooks
from practicum.world.github.access import can_see
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, invalid, not_found
from practicum.world.github.git.history import rev_list
from practicum.world.github.making import check_name, commit_files, make_repository
from practicum.world.github.pulls.merge import signature
from practicum.world.github.render.basics import simple_user
from practicum.world.github.render.commits import account_of
from practicum.world.github.render.releases import tag
from practicum.world.github.render.repositories import activity, full_repository
from practicum.world.github.state import Account, Repository

_FLAGS = (
    "has_issues",
    "has_projects",
    "has_wiki",
    "is_template",
    "archived",
    "allow_merge_commit",
    "allow_squash_merge",
    "allow_rebase_merge",
    "allow_auto_merge",
    "allow_update_branch",
    "delete_branch_on_merge",
)


async def _create(call: Call, owner: Account) -> Reply:
    body, core = call.body, call.core
    name = body.need("name", "Repository")
    private = body.flag("private", body.text("visibility") == "private")
    repo = await make_repository(core, owner, name, call.by, private=private, description=body.text("description"))
    _settings(call, repo)
    if body.flag("auto_init", False):
        text = f"# {name}\n" + (f"\n{repo.description}\n" if repo.description else "")
        author = signature(core, call.account)
        await commit_files(core, repo, {"README.md": text.encode()}, "Initial commit", author, call.by)
    shown = full_repository(core, repo, call.login)
    return Reply(shown, 201, {"Location": str(shown["url"])})


def _settings(call: Call, repo: Repository) -> None:
    for flag in _FLAGS:
        setattr(repo, flag, call.body.flag(flag, getattr(repo, flag)))
    for text in ("description", "homepage"):
        if text in call.body:
            setattr(repo, text, call.body.text(text))


@handles("POST", "/user/repos")
async def create_mine(call: Call) -> Reply:
    return await _create(call, call.account)


@handles("POST", "/orgs/{org}/repos")
async def create_in_organization(call: Call) -> Reply:
    owner = call.core.store.account(call.arg("org"))
    if owner is None or owner.kind != "Organization":
        raise not_found()
    return await _create(call, owner)


@handles("GET", "~")
async def get(call: Call) -> Reply:
    return Reply(full_repository(call.core, call.repo, call.login))


@handles("GET", "/repositories/{repository_id}")
async def get_by_id(call: Call) -> Reply:
    for repo in call.core.store.repositories.values():
        if repo.id == call.number("repository_id") and can_see(call.credential, repo):
            return Reply(full_repository(call.core, repo, call.login))
    raise not_found()


@handles("PATCH", "~")
async def edit(call: Call) -> Reply:
    repo, body = call.repo, call.body
    branch = body.text("default_branch")
    if branch is not None and branch != repo.default_branch:
        if repo.git.branch(branch) is None:
            raise invalid("Repository", "default_branch", "invalid", f"The branch {branch} was not found.")
        await repo.git.set_head(branch)
        repo.default_branch = branch
    name = body.text("name")
    if name is not None and name != repo.name:
        if name.lower() != repo.name.lower():
            check_name(call.core, repo.owner, name)
        del call.core.store.repositories[repo.full_name.lower()]
        repo.name = name
        call.core.store.repositories[repo.full_name.lower()] = repo
    _settings(call, repo)
    visibility = body.text("visibility")
    repo.private = body.flag("private", repo.private if visibility is None else visibility == "private")
    repo.updated_at = call.core.now()
    await webhooks.fire(call.core, repo, "repository", "edited", call.by, dict)
    return Reply(full_repository(call.core, repo, call.login))


@handles("DELETE", "~")
async def delete(call: Call) -> Reply:
    repo = call.repo
    async with repo.lock:
        del call.core.store.repositories[repo.full_name.lower()]
        await repo.git.remove()
    await call.core.changed("repository.deleted", repo, call.by, {"name": repo.name, "owner": repo.owner})
    return Reply(status=204)


@handles("GET", "~/topics")
async def topics(call: Call) -> Reply:
    names: list[Json] = [*call.repo.topics]
    return Reply({"names": names})


@handles("PUT", "~/topics")
async def set_topics(call: Call) -> Reply:
    names = call.body.texts("names")
    if names is None:
        raise invalid("Repository", "names", "missing_field")
    call.repo.topics = list(dict.fromkeys(name.lower() for name in names))
    return await topics(call)


@handles("GET", "~/languages")
async def languages(call: Call) -> Reply:
    # Bytes by language need linguist's rules; an empty object is what GitHub sends before it has counted.
    return Reply({})


@handles("GET", "~/contributors")
async def contributors(call: Call) -> Reply:
    repo, core = call.repo, call.core
    tip = repo.git.branch(repo.default_branch)
    if tip is None:
        return Reply(status=204)
    counts: Counter[str] = Counter()
    for sha in await rev_list(repo.git, [tip]):
        account = account_of(core, (await repo.git.commit(sha)).author)
        if account is not None:
            counts[account.login] += 1
    return call.listing(
        counts.most_common(), lambda pair: {**simple_user(core, core.person(pair[0])), "contributions": pair[1]}
    )


@handles("GET", "~/tags")
async def tags(call: Call) -> Reply:
    found = [(name, await call.repo.git.resolve(name)) for name in reversed(call.repo.git.tags())]
    commits = [(name, sha) for name, sha in found if sha is not None]
    return call.listing(commits, lambda pair: tag(call.core, call.repo, pair[0], pair[1]))


_PERIODS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


@handles("GET", "~/activity")
async def list_activity(call: Call) -> Reply:
    """https://docs.github.com/en/rest/repos/repos#list-repository-activities ; its pages are opaque cursors."""
    found = list(call.repo.activity)
    ref = call.query("ref")
    if ref:
        found = [entry for entry in found if entry.ref in (ref, f"refs/heads/{ref}", f"refs/tags/{ref}")]
    if call.query("actor"):
        found = [entry for entry in found if entry.actor == call.query("actor")]
    if call.query("activity_type"):
        found = [entry for entry in found if entry.kind == call.query("activity_type")]
    period = call.query("time_period")
    if period:
        if period not in _PERIODS:
            raise ApiError(422, f"Invalid time_period: {period}")
        since = call.core.now() - timedelta(days=_PERIODS[period])
        found = [entry for entry in found if entry.at >= since]
    if call.query("direction", "desc") != "asc":
        found.reverse()
    ids = [str(entry.id) for entry in found]
    if call.query("after") in ids:
        found = found[ids.index(call.query("after")) + 1 :]
    elif call.query("before") in ids:
        found = found[: ids.index(call.query("before"))]
    size = min(max(int(call.query("per_page", "30")) if call.query("per_page", "30").isdigit() else 30, 1), 100)
    headers = {}
    if len(found) > size:
        url = call.request.rel_url.update_query(after=str(found[size - 1].id))
        headers["Link"] = f'<{call.core.context.base_url}{url}>; rel="next"'
    return Reply([activity(call.core, entry) for entry in found[:size]], headers=headers)
