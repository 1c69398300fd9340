"""Repositories, collaborators, branches and their protection."""

from __future__ import annotations

from practicum.world.github.access import at_least, role_of
from practicum.world.github.core import Core
from practicum.world.github.render.basics import Object, node_id, simple_user, stamp, stamp_or_none
from practicum.world.github.state import Account, Activity, Protection, Repository


def api_url(core: Core, repo: Repository) -> str:
    """Base of a repository's REST links."""
    return f"{core.api}/repos/{repo.full_name}"


def html_url(core: Core, repo: Repository) -> str:
    """A repository's page."""
    return f"{core.html}/{repo.full_name}"


def permissions(role: str) -> Object:
    """A role as the flags that repositories and collaborators carry."""
    return {
        "admin": role == "admin",
        "maintain": at_least(role, "maintain"),
        "push": at_least(role, "write"),
        "triage": at_least(role, "triage"),
        "pull": at_least(role, "read"),
    }


def minimal_repository(core: Core, repo: Repository) -> Object:
    """The schema `minimal-repository`: names and links."""
    api, html = api_url(core, repo), html_url(core, repo)
    return {
        "id": repo.id,
        "node_id": node_id("Repository", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": simple_user(core, core.person(repo.owner)),
        "private": repo.private,
        "html_url": html,
        "description": repo.description,
        "fork": False,
        "url": api,
        "archive_url": f"{api}/{{archive_format}}{{/ref}}",
        "assignees_url": f"{api}/assignees{{/user}}",
        "blobs_url": f"{api}/git/blobs{{/sha}}",
        "branches_url": f"{api}/branches{{/branch}}",
        "collaborators_url": f"{api}/collaborators{{/collaborator}}",
        "comments_url": f"{api}/comments{{/number}}",
        "commits_url": f"{api}/commits{{/sha}}",
        "compare_url": f"{api}/compare/{{base}}...{{head}}",
        "contents_url": f"{api}/contents/{{+path}}",
        "contributors_url": f"{api}/contributors",
        "deployments_url": f"{api}/deployments",
        "downloads_url": f"{api}/downloads",
        "events_url": f"{api}/events",
        "forks_url": f"{api}/forks",
        "git_commits_url": f"{api}/git/commits{{/sha}}",
        "git_refs_url": f"{api}/git/refs{{/sha}}",
        "git_tags_url": f"{api}/git/tags{{/sha}}",
        "issue_comment_url": f"{api}/issues/comments{{/number}}",
        "issue_events_url": f"{api}/issues/events{{/number}}",
        "issues_url": f"{api}/issues{{/number}}",
        "keys_url": f"{api}/keys{{/key_id}}",
        "labels_url": f"{api}/labels{{/name}}",
        "languages_url": f"{api}/languages",
        "merges_url": f"{api}/merges",
        "milestones_url": f"{api}/milestones{{/number}}",
        "notifications_url": f"{api}/notifications{{?since,all,participating}}",
        "pulls_url": f"{api}/pulls{{/number}}",
        "releases_url": f"{api}/releases{{/id}}",
        "stargazers_url": f"{api}/stargazers",
        "statuses_url": f"{api}/statuses/{{sha}}",
        "subscribers_url": f"{api}/subscribers",
        "subscription_url": f"{api}/subscription",
        "tags_url": f"{api}/tags",
        "teams_url": f"{api}/teams",
        "trees_url": f"{api}/git/trees{{/sha}}",
        "hooks_url": f"{api}/hooks",
    }


def repository(core: Core, repo: Repository, login: str | None = None) -> Object:
    """The schema `repository`; with `login`, also what that account may do."""
    html = html_url(core, repo)
    open_issues = sum(issue.state == "open" for issue in repo.issues.values())
    found: Object = {
        **minimal_repository(core, repo),
        "git_url": f"{html}.git".replace("http://", "git://", 1),
        "ssh_url": f"git@{core.html.partition('//')[2]}:{repo.full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "mirror_url": None,
        "homepage": repo.homepage,
        "language": None,
        "license": None,
        "forks_count": 0,
        "forks": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "size": 0,
        "default_branch": repo.default_branch,
        "open_issues_count": open_issues,
        "open_issues": open_issues,
        "is_template": repo.is_template,
        "topics": list(repo.topics),
        "has_issues": repo.has_issues,
        "has_projects": repo.has_projects,
        "has_wiki": repo.has_wiki,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "archived": repo.archived,
        "disabled": False,
        "visibility": "private" if repo.private else "public",
        "pushed_at": stamp_or_none(repo.pushed_at) or stamp(repo.created_at),
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.updated_at),
        "allow_forking": True,
        "web_commit_signoff_required": False,
    }
    if login is not None:
        found["permissions"] = permissions(role_of(repo, login))
    return found


def full_repository(core: Core, repo: Repository, login: str) -> Object:
    """The schema `full-repository`."""
    found: Object = {
        **repository(core, repo, login),
        "subscribers_count": 0,
        "network_count": 0,
        "allow_merge_commit": repo.allow_merge_commit,
        "allow_squash_merge": repo.allow_squash_merge,
        "allow_rebase_merge": repo.allow_rebase_merge,
        "allow_auto_merge": repo.allow_auto_merge,
        "allow_update_branch": repo.allow_update_branch,
        "delete_branch_on_merge": repo.delete_branch_on_merge,
        "use_squash_pr_title_as_default": False,
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "merge_commit_title": "MERGE_MESSAGE",
        "merge_commit_message": "PR_TITLE",
        "temp_clone_token": "",
    }
    owner = core.person(repo.owner)
    if owner.kind == "Organization":
        found["organization"] = simple_user(core, owner)
    return found


def collaborator(core: Core, account: Account, role: str) -> Object:
    """The schema `collaborator`."""
    return {**simple_user(core, account), "permissions": permissions(role), "role_name": role}


def activity(core: Core, entry: Activity) -> Object:
    """The schema `activity`."""
    actor = core.store.account(entry.actor)
    return {
        "id": entry.id,
        "node_id": node_id("PushLog", entry.id),
        "before": entry.before,
        "after": entry.after,
        "ref": entry.ref,
        "timestamp": stamp(entry.at),
        "activity_type": entry.kind,
        "actor": None if actor is None else simple_user(core, actor),
    }


def protection_url(core: Core, repo: Repository, branch: str) -> str:
    """Where a branch's protection is read and set."""
    return f"{api_url(core, repo)}/branches/{branch}/protection"


def required_reviews(core: Core, repo: Repository, branch: str, rules: Protection) -> Object:
    """The schema `protected-branch-pull-request-review`."""
    return {
        "url": f"{protection_url(core, repo, branch)}/required_pull_request_reviews",
        "dismiss_stale_reviews": rules.dismiss_stale_reviews,
        "require_code_owner_reviews": rules.require_code_owner_reviews,
        "require_last_push_approval": rules.require_last_push_approval,
        "required_approving_review_count": rules.required_approvals or 0,
    }


def required_checks(core: Core, repo: Repository, branch: str, rules: Protection) -> Object:
    """The schema `status-check-policy`."""
    url = f"{protection_url(core, repo, branch)}/required_status_checks"
    return {
        "url": url,
        "strict": rules.strict,
        "contexts": list(rules.contexts or ()),
        "checks": [{"context": context, "app_id": None} for context in rules.contexts or ()],
        "contexts_url": f"{url}/contexts",
    }


def enforce_admins(core: Core, repo: Repository, branch: str, rules: Protection) -> Object:
    """The schema `protected-branch-admin-enforced`."""
    return {"url": f"{protection_url(core, repo, branch)}/enforce_admins", "enabled": rules.enforce_admins}


def protection(core: Core, repo: Repository, branch: str, rules: Protection) -> Object:
    """The schema `branch-protection`."""
    url = protection_url(core, repo, branch)
    found: Object = {
        "url": url,
        "enforce_admins": enforce_admins(core, repo, branch, rules),
        "required_linear_history": {"enabled": rules.linear_history},
        "allow_force_pushes": {"enabled": rules.allow_force_pushes},
        "allow_deletions": {"enabled": rules.allow_deletions},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": rules.conversation_resolution},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
    }
    if rules.required_approvals is not None:
        found["required_pull_request_reviews"] = required_reviews(core, repo, branch, rules)
    if rules.contexts is not None:
        found["required_status_checks"] = required_checks(core, repo, branch, rules)
    if rules.push_allowed is not None:
        people = [core.store.account(login) for login in rules.push_allowed]
        found["restrictions"] = {
            "url": f"{url}/restrictions",
            "users_url": f"{url}/restrictions/users",
            "teams_url": f"{url}/restrictions/teams",
            "apps_url": f"{url}/restrictions/apps",
            "users": [simple_user(core, account) for account in people if account is not None],
            "teams": [],
            "apps": [],
        }
    return found
