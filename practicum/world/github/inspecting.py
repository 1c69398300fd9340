"""The whole state as JSON, for evaluators and people. Hook secrets stay out."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.github.core import Core
from practicum.world.github.facts import issue_facts, pull_facts
from practicum.world.github.pulls.rules import contexts_of
from practicum.world.github.render.basics import Object, stamp, stamp_or_none
from practicum.world.github.state import Issue, Pull, Repository


def inspect(core: Core) -> Object:
    """Accounts and repositories by name; issues and pull requests by number."""
    return {
        "accounts": {
            account.login: {"name": account.name, "email": account.email, "type": account.kind}
            for account in core.store.accounts.values()
        },
        "repos": {repo.full_name: _repository(core, repo) for repo in core.store.repositories.values()},
    }


def _repository(core: Core, repo: Repository) -> Object:
    issues: Object = {}
    pulls: Object = {}
    for issue in repo.issues.values():
        if issue.pull is None:
            issues[str(issue.number)] = _issue(core, repo, issue)
        else:
            pulls[str(issue.number)] = _pull(core, repo, issue, issue.pull)
    shown: Object = {
        "path": str(repo.git.path),
        "private": repo.private,
        "archived": repo.archived,
        "default_branch": repo.default_branch,
        "refs": {**repo.git.refs},
        "collaborators": {**repo.collaborators},
        "protections": {
            branch: {
                "required_approvals": rules.required_approvals,
                "contexts": None if rules.contexts is None else [*rules.contexts],
                "dismiss_stale_reviews": rules.dismiss_stale_reviews,
                "enforce_admins": rules.enforce_admins,
                "strict": rules.strict,
            }
            for branch, rules in repo.protections.items()
        },
        "labels": [*sorted(label.name for label in repo.labels.values())],
        "issues": issues,
        "pulls": pulls,
    }
    return {**shown, **_history(repo), **_checks(repo)}


def _issue(core: Core, repo: Repository, issue: Issue) -> Object:
    return {
        **issue_facts(core, repo, issue),
        "state_reason": issue.state_reason,
        "created_at": stamp(issue.created_at),
        "closed_at": stamp_or_none(issue.closed_at),
        "closed_by": issue.closed_by,
        "comments": [
            {"id": each.id, "author": each.user, "body": each.body, "at": stamp(each.created_at)}
            for each in issue.comments
        ],
    }


def _pull(core: Core, repo: Repository, issue: Issue, pull: Pull) -> Object:
    return {
        **_issue(core, repo, issue),
        **pull_facts(core, repo, issue, pull),
        "merged_by": pull.merged_by,
        "merged_at": stamp_or_none(pull.merged_at),
        "merge_base": pull.merge_base,
        "reviews": [
            {
                "id": each.id,
                "author": each.user,
                "state": each.state,
                "body": each.body,
                "commit_id": each.commit_id,
                "at": stamp_or_none(each.submitted_at),
            }
            for each in pull.reviews
        ],
        "review_comments": [
            {"author": each.user, "path": each.path, "line": each.line, "body": each.body, "commit_id": each.commit_id}
            for each in pull.comments
        ],
        "checks": {**contexts_of(repo, pull.head_sha)},
    }


def _history(repo: Repository) -> Object:
    """Who pushed what. `pushers` names for each commit the account that brought it in: the author may be forged."""
    return {
        "pushes": [
            {
                "ref": each.ref,
                "before": each.before,
                "after": each.after,
                "type": each.kind,
                "pusher": each.actor,
                "at": stamp(each.at),
                "commits": [*each.commits],
            }
            for each in repo.activity
        ],
        "pushers": {**repo.pushers},
        "releases": [
            {
                "id": each.id,
                "tag": each.tag_name,
                "name": each.name,
                "body": each.body,
                "author": each.author,
                "draft": each.draft,
                "prerelease": each.prerelease,
                "assets": [asset.name for asset in each.assets],
            }
            for each in repo.releases.values()
        ],
        "hooks": [
            {
                "id": each.id,
                "url": each.url,
                "events": [*each.events],
                "active": each.active,
                "deliveries": [
                    {"event": one.event, "guid": one.guid, "status_code": one.status_code} for one in each.deliveries
                ],
            }
            for each in repo.hooks.values()
        ],
    }


def _checks(repo: Repository) -> Object:
    checks: list[Json] = [
        {
            "id": each.id,
            "name": each.name,
            "sha": each.sha,
            "app": each.app,
            "status": each.status,
            "conclusion": each.conclusion,
            "title": each.title,
            "summary": each.summary,
        }
        for each in repo.checks.values()
    ]
    statuses: list[Json] = [
        {"sha": each.sha, "context": each.context, "state": each.state, "creator": each.creator}
        for each in repo.statuses
    ]
    return {"checks": checks, "statuses": statuses}
