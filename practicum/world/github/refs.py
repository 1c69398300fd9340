"""A ref changed: everything that follows from it, in the order in which others learn of it."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.github import webhooks
from practicum.world.github.closing import close_by_commits
from practicum.world.github.core import Cause, Core
from practicum.world.github.facts import commit_facts
from practicum.world.github.git.history import news_of, rev_list
from practicum.world.github.git.objects import ZERO, Commit
from practicum.world.github.git.process import GitError
from practicum.world.github.pulls.sync import follow_base, follow_head
from practicum.world.github.render.basics import Object
from practicum.world.github.render.commits import simple_commit
from practicum.world.github.render.repositories import html_url
from practicum.world.github.state import Activity, Repository
from practicum.world.github.state.activity import ActivityType
from practicum.world.github.text import b64
from practicum.world.service import WorkflowTrigger

_TOLD = 100
"""Commits that an event lists; `commit_count` says how many there were."""


async def move(core: Core, repo: Repository, ref: str, new: str | None, old: str | None, by: Cause) -> None:
    """Set (or with `new` None delete) a ref for an account and announce it. The caller holds `repo.lock`.

    `old` is what the caller believes the ref to be; None for a ref that is to be made.

    Raises:
        GitError: when the ref has moved meanwhile, or its name is not one.
    """
    await repo.git.update_ref(ref, new, old or ZERO)
    await announce(core, repo, ref, old or ZERO, new or ZERO, by)


async def announce(
    core: Core, repo: Repository, ref: str, before: str, after: str, by: Cause, *, kind: ActivityType | None = None
) -> None:
    """Record and tell that a ref on disk went from `before` to `after`. The caller holds `repo.lock`."""
    commits, pack = await _news(repo, after)
    forced = kind is None and ZERO not in (before, after) and await _lost(repo, before, after)
    created, deleted = before == ZERO, after == ZERO
    if deleted:
        repo.git.refs.pop(ref, None)
    else:
        repo.git.refs[ref] = after
    if kind is None:
        kind = "branch_deletion" if deleted else "branch_creation" if created else "force_push" if forced else "push"
    repo.pushed_at = core.now()
    repo.activity.append(
        Activity(core.next_id(), ref, before, after, kind, by.actor, core.now(), tuple(c.sha for c in commits))
    )
    for commit in commits:
        repo.pushers.setdefault(commit.sha, by.actor)
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None
    told: list[Json] = [commit_facts(commit) for commit in commits[:_TOLD]]
    facts: Object = {
        "ref": ref,
        "branch": branch,
        "before": before,
        "after": after,
        "sha": after,
        "commits": told,
        "commit_count": len(commits),
        "created": created,
        "deleted": deleted,
        "forced": forced,
        "pusher": by.actor,
        "kind": kind,
    }
    await core.changed("push", repo, by, facts, pack=b64(pack))
    await _fire(core, repo, ref, before, after, by, commits, forced=forced)
    if branch is not None and branch == repo.default_branch and not deleted:
        await close_by_commits(core, repo, commits, by)
    target = None if deleted else await repo.git.resolve(after)  # the commit that an annotated tag stands for
    if core.runner is not None and core.sink is not None and target is not None:
        payload: Object = {"ref": ref, "before": before, "after": after, "created": created, "forced": forced}
        await core.runner.trigger(
            WorkflowTrigger("push", repo.full_name, repo.git.path, target, ref, by.actor, payload, by.event), core.sink
        )
    if branch is not None:
        await follow_head(core, repo, branch, None if deleted else after, by)
        if not deleted:
            await follow_base(core, repo, branch, after, by)


async def _news(repo: Repository, after: str) -> tuple[list[Commit], bytes]:
    known = sorted(set(repo.git.refs.values()))
    if after == ZERO or after in known:
        return [], b""
    shas, pack = await news_of(repo.git, after, known)
    return [await repo.git.commit(sha) for sha in shas], pack


async def _lost(repo: Repository, before: str, after: str) -> bool:
    """Whether commits of `before` are no longer in `after`."""
    try:
        return bool(await rev_list(repo.git, [before], [after], limit=1))
    except GitError:
        return True  # a tag moved to something that is not a commit


async def _fire(
    core: Core,
    repo: Repository,
    ref: str,
    before: str,
    after: str,
    by: Cause,
    commits: list[Commit],
    *,
    forced: bool,
) -> None:
    if not repo.hooks:
        return
    created, deleted = before == ZERO, after == ZERO
    html = html_url(core, repo)
    actor = core.person(by.actor)
    listed: list[Json] = [
        {**simple_commit(each), "distinct": True, "url": f"{html}/commit/{each.sha}"} for each in reversed(commits)
    ]

    def push() -> Object:
        return {
            "ref": ref,
            "before": before,
            "after": after,
            "created": created,
            "deleted": deleted,
            "forced": forced,
            "base_ref": None,
            "compare": f"{html}/compare/{before[:12]}...{after[:12]}",
            "commits": listed,
            "head_commit": listed[-1] if listed else None,
            "pusher": {"name": actor.login, "email": actor.email},
        }

    await webhooks.fire(core, repo, "push", None, by, push)
    if created or deleted:
        kind, name = ("tag", ref[10:]) if ref.startswith("refs/tags/") else ("branch", ref.removeprefix("refs/heads/"))
        details: Object = {
            "ref": name,
            "ref_type": kind,
            "master_branch": repo.default_branch,
            "description": repo.description,
            "pusher_type": "user",
        }
        await webhooks.fire(core, repo, "create" if created else "delete", None, by, lambda: details)
