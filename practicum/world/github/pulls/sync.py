"""Pull requests follow their branches."""

from __future__ import annotations

from practicum.world.github import webhooks
from practicum.world.github.core import Cause, Core
from practicum.world.github.facts import pull_facts
from practicum.world.github.git.history import is_ancestor, merge_base
from practicum.world.github.pulls.measure import start_of
from practicum.world.github.render.basics import Object
from practicum.world.github.render.pulls import pull_simple
from practicum.world.github.state import Issue, IssueEvent, Pull, Repository
from practicum.world.service import WorkflowTrigger


async def follow_head(core: Core, repo: Repository, branch: str, sha: str | None, by: Cause) -> None:
    """The branch of open pull requests moved, or is gone (`sha` None), which closes them."""
    for issue in repo.open_pulls():
        pull = issue.pull
        if pull is None or pull.head_ref != branch or pull.head_sha == sha:
            continue
        if sha is None:
            await close_pull(core, repo, issue, pull, by)
            continue
        before, pull.head_sha, issue.updated_at = pull.head_sha, sha, core.now()
        pull.base_sha = repo.git.branch(pull.base_ref) or pull.base_sha
        await point(repo, issue, pull)
        dismissed = await dismiss_stale(core, repo, issue, pull, by)
        await core.changed(
            "pull_request.synchronized",
            repo,
            by,
            {**pull_facts(core, repo, issue, pull), "before": before, "after": sha, "dismissed_reviews": [*dismissed]},
            number=issue.number,
        )
        await fire(core, repo, "synchronize", issue, pull, by, {"before": before, "after": sha})
        await trigger(core, repo, issue, pull, "synchronize", by)


async def follow_base(core: Core, repo: Repository, branch: str, sha: str, by: Cause) -> None:
    """Open pull requests whose commits are now all in the base branch count as merged, by whoever pushed it."""
    for issue in repo.open_pulls():
        pull = issue.pull
        if pull is None or pull.base_ref != branch or not await is_ancestor(repo.git, pull.head_sha, sha):
            continue
        # Counted from where the base stood before: afterwards the merge base would be the head itself.
        pull.merge_base = await merge_base(repo.git, pull.base_sha, pull.head_sha) or pull.base_sha
        pull.merge_commit_sha = pull.head_sha
        await mark_merged(core, repo, issue, pull, by)


async def mark_merged(core: Core, repo: Repository, issue: Issue, pull: Pull, by: Cause) -> None:
    """Write down that a pull request is merged, and tell it."""
    settle(core, issue, pull, by)
    await tell_merged(core, repo, issue, pull, by)


def settle(core: Core, issue: Issue, pull: Pull, by: Cause) -> None:
    """Write down that a pull request is merged."""
    now = core.now()
    issue.state, issue.closed_at, issue.updated_at, issue.closed_by = "closed", now, now, by.actor
    pull.merged_at, pull.merged_by = now, by.actor
    issue.events.append(IssueEvent(core.next_id(), "merged", by.actor, now, commit_id=pull.merge_commit_sha))
    issue.events.append(IssueEvent(core.next_id(), "closed", by.actor, now))


async def tell_merged(core: Core, repo: Repository, issue: Issue, pull: Pull, by: Cause) -> None:
    """Tell that a pull request was merged."""
    await core.changed(
        "pull_request.merged",
        repo,
        by,
        {**pull_facts(core, repo, issue, pull), "merged_by": by.actor},
        number=issue.number,
    )
    await fire(core, repo, "closed", issue, pull, by)


async def close_pull(core: Core, repo: Repository, issue: Issue, pull: Pull, by: Cause) -> None:
    """Close a pull request without merging it."""
    now = core.now()
    pull.merge_base = await start_of(repo, pull)
    issue.state, issue.closed_at, issue.updated_at, issue.closed_by = "closed", now, now, by.actor
    issue.events.append(IssueEvent(core.next_id(), "closed", by.actor, now))
    await core.changed("pull_request.closed", repo, by, pull_facts(core, repo, issue, pull), number=issue.number)
    await fire(core, repo, "closed", issue, pull, by)


async def point(repo: Repository, issue: Issue, pull: Pull) -> None:
    """Set `refs/pull/N/head`, from which a pull request can be fetched when its branch is gone."""
    ref = f"refs/pull/{issue.number}/head"
    await repo.git.update_ref(ref, pull.head_sha)
    repo.git.refs[ref] = pull.head_sha


async def dismiss_stale(core: Core, repo: Repository, issue: Issue, pull: Pull, by: Cause) -> list[int]:
    """New commits dismiss approvals where the base branch says so; returns the reviews that lost their weight."""
    rules = repo.protections.get(pull.base_ref)
    if rules is None or not rules.dismiss_stale_reviews:
        return []
    stale = [review for review in pull.reviews if review.state == "APPROVED"]
    for review in stale:
        review.original_state, review.state = review.state, "DISMISSED"
        issue.events.append(
            IssueEvent(core.next_id(), "review_dismissed", by.actor, core.now(), review=review.id, message="stale")
        )
    return [review.id for review in stale]


async def fire(
    core: Core, repo: Repository, action: str, issue: Issue, pull: Pull, by: Cause, more: Object | None = None
) -> None:
    """Webhook `pull_request`."""

    def payload() -> Object:
        shown: Object = {**pull_simple(core, repo, issue, pull), "merged": pull.merged}
        return {"number": issue.number, "pull_request": shown, **(more or {})}

    await webhooks.fire(core, repo, "pull_request", action, by, payload)


async def trigger(core: Core, repo: Repository, issue: Issue, pull: Pull, action: str, by: Cause) -> None:
    """Start the workflows that listen to pull requests."""
    if core.runner is None or core.sink is None:
        return
    payload: Object = {
        "action": action,
        "number": issue.number,
        "pull_request": {
            "number": issue.number,
            "title": issue.title,
            "head": {"ref": pull.head_ref, "sha": pull.head_sha},
            "base": {"ref": pull.base_ref, "sha": pull.base_sha},
            "user": {"login": issue.user},
        },
    }
    ref = f"refs/pull/{issue.number}/head"
    await core.runner.trigger(
        WorkflowTrigger("pull_request", repo.full_name, repo.git.path, pull.head_sha, ref, by.actor, payload, by.event),
        core.sink,
    )
