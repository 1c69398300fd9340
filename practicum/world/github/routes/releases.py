"""Releases."""

from __future__ import annotations

from practicum.world.github import refs, webhooks
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid, not_found
from practicum.world.github.git.history import rev_list
from practicum.world.github.git.process import GitError
from practicum.world.github.render.basics import Object
from practicum.world.github.render.pulls import pull_page
from practicum.world.github.render.releases import release as render
from practicum.world.github.state import Release
from practicum.world.service import WorkflowTrigger


def need_release(call: Call) -> Release:
    """The release that the path names; drafts only for those who can write.

    Raises:
        ApiError: 404.
    """
    found = call.repo.releases.get(call.number("release_id"))
    if found is None or not _shown(call, found):
        raise not_found()
    return found


def _shown(call: Call, release: Release) -> bool:
    return not release.draft or call.role() in ("write", "maintain", "admin")


@handles("GET", "~/releases")
async def releases(call: Call) -> Reply:
    found = [each for each in reversed(call.repo.releases.values()) if _shown(call, each)]
    return call.listing(found, lambda each: render(call.core, call.repo, each))


@handles("POST", "~/releases")
async def create(call: Call) -> Reply:
    core, repo, body = call.core, call.repo, call.body
    tag = body.need("tag_name", "Release")
    if any(each.tag_name == tag and not each.draft for each in repo.releases.values()):
        raise invalid("Release", "tag_name", "already_exists")
    target = body.text("target_commitish") or repo.default_branch
    draft, text = body.flag("draft", False), body.text("body")
    if body.flag("generate_release_notes", False):
        text = "\n\n".join(filter(None, (text, await _notes(call, tag, None))))
    release = Release(core.next_id(), tag, target, body.text("name"), text, call.login, core.now(), draft)
    release.prerelease = body.flag("prerelease", False)
    if not draft:
        await _publish(call, release)
    repo.releases[release.id] = release
    if not draft:
        await _tell(call, release)
    shown = render(core, repo, release)
    return Reply(shown, 201, {"Location": str(shown["url"])})


async def _publish(call: Call, release: Release) -> None:
    """Make the tag where there is none."""
    repo, ref = call.repo, f"refs/tags/{release.tag_name}"
    async with repo.lock:
        if ref not in repo.git.refs:
            sha = await repo.git.resolve(release.target)
            if sha is None:
                raise invalid("Release", "target_commitish")
            try:
                await refs.move(call.core, repo, ref, sha, None, call.by)
            except GitError:
                raise invalid("Release", "tag_name", "custom", "tag_name is not a valid tag") from None
    release.draft, release.published_at = False, call.core.now()


async def _tell(call: Call, release: Release) -> None:
    core, repo = call.core, call.repo
    sha = await repo.git.resolve(f"tags/{release.tag_name}") or ""
    facts: Object = {
        "release": release.id,
        "tag": release.tag_name,
        "name": release.name,
        "title": release.name or release.tag_name,
        "body": release.body or "",
        "author": release.author,
        "prerelease": release.prerelease,
        "sha": sha,
        "url": f"{core.html}/{repo.full_name}/releases/tag/{release.tag_name}",
    }
    await core.changed("release.published", repo, call.by, facts)
    await webhooks.fire(core, repo, "release", "published", call.by, lambda: {"release": render(core, repo, release)})
    if core.runner is not None and core.sink is not None:
        payload: Object = {
            "action": "published",
            "release": {"id": release.id, "tag_name": release.tag_name, "name": release.name, "body": release.body},
        }
        trigger = WorkflowTrigger(
            "release",
            repo.full_name,
            repo.git.path,
            sha,
            f"refs/tags/{release.tag_name}",
            call.login,
            payload,
            call.by.event,
        )
        await core.runner.trigger(trigger, core.sink)


@handles("GET", "~/releases/latest")
async def latest(call: Call) -> Reply:
    found = [each for each in call.repo.releases.values() if not each.draft and not each.prerelease]
    if not found:
        raise not_found()
    return Reply(render(call.core, call.repo, found[-1]))


@handles("GET", "~/releases/tags/{tag}")
async def by_tag(call: Call) -> Reply:
    for release in call.repo.releases.values():
        if release.tag_name == call.arg("tag") and not release.draft:
            return Reply(render(call.core, call.repo, release))
    raise not_found()


@handles("GET", "~/releases/{release_id}")
async def get(call: Call) -> Reply:
    return Reply(render(call.core, call.repo, need_release(call)))


@handles("PATCH", "~/releases/{release_id}")
async def edit(call: Call) -> Reply:
    release, body = need_release(call), call.body
    release.tag_name = body.text("tag_name") or release.tag_name
    release.target = body.text("target_commitish") or release.target
    for key in ("name", "body"):
        if key in body:
            setattr(release, key, body.text(key))
    release.prerelease = body.flag("prerelease", release.prerelease)
    if release.draft and not body.flag("draft", True):
        await _publish(call, release)
        await _tell(call, release)
    return Reply(render(call.core, call.repo, release))


@handles("DELETE", "~/releases/{release_id}")
async def delete(call: Call) -> Reply:
    del call.repo.releases[need_release(call).id]
    return Reply(status=204)


async def _notes(call: Call, tag: str, since: str | None) -> str:
    """What was merged since the release before: https://docs.github.com/en/repositories/releasing-projects-on-github"""
    repo = call.repo
    earlier = since or next((each.tag_name for each in reversed(repo.releases.values()) if not each.draft), None)
    start = await repo.git.resolve(earlier) if earlier else None
    end = await repo.git.resolve(tag) or repo.git.branch(repo.default_branch)
    inside = set(await rev_list(repo.git, [end], [start] if start else [])) if end else set()
    lines = [
        f"* {issue.title} by @{issue.user} in {pull_page(call.core, repo, issue.number)}"
        for issue in repo.issues.values()
        if issue.pull is not None and issue.pull.merge_commit_sha in inside
    ]
    place = f"{call.core.html}/{repo.full_name}"
    link = f"{place}/compare/{earlier}...{tag}" if earlier else f"{place}/commits/{tag}"
    head = ["## What's Changed", *lines, ""] if lines else []
    return "\n".join([*head, f"**Full Changelog**: {link}"])


@handles("POST", "~/releases/generate-notes")
async def generate_notes(call: Call) -> Reply:
    tag = call.body.need("tag_name", "Release")
    return Reply({"name": tag, "body": await _notes(call, tag, call.body.text("previous_tag_name"))})
