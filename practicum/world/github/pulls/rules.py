"""What the protection of a branch asks for.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches
"""

from __future__ import annotations

from practicum.world.github.access import at_least, role_of
from practicum.world.github.state import Issue, Protection, Pull, Repository, Review

_GOOD = {"success", "neutral", "skipped"}


def verdicts(repo: Repository, issue: Issue, pull: Pull) -> dict[str, Review]:
    """The last review of each reviewer with write access that approves, asks for changes, or was dismissed."""
    found: dict[str, Review] = {}
    for review in pull.reviews:
        weighs = review.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
        if weighs and review.user != issue.user and at_least(role_of(repo, review.user), "write"):
            found[review.user] = review
    return found


def contexts_of(repo: Repository, sha: str) -> dict[str, str]:
    """Each check and status of a commit: `success`, `pending` or `failure`. The last word of each name counts."""
    found: dict[str, str] = {}
    for status in repo.statuses:
        if status.sha == sha:
            found[status.context] = "failure" if status.state == "error" else status.state
    for check in repo.checks.values():
        if check.sha == sha:
            done = check.status == "completed"
            found[check.name] = "pending" if not done else "success" if check.conclusion in _GOOD else "failure"
    return found


def binds(repo: Repository, rules: Protection, login: str) -> bool:
    """Whether the rules hold for an account: administrators pass unless they are included."""
    return rules.enforce_admins or role_of(repo, login) != "admin"


def _unmet_checks(repo: Repository, rules: Protection, sha: str) -> list[str]:
    states = contexts_of(repo, sha)
    said = {None: "is expected", "pending": "is expected", "failure": "is failing"}
    return [
        f'Required status check "{context}" {said[states.get(context)]}.'
        for context in rules.contexts or ()
        if states.get(context) != "success"
    ]


def review_refusal(repo: Repository, issue: Issue, pull: Pull, rules: Protection) -> str | None:
    """Why the reviews do not suffice; None when they do."""
    if rules.required_approvals is None:
        return None
    given = verdicts(repo, issue, pull)
    if any(review.state == "CHANGES_REQUESTED" for review in given.values()):
        return "Changes have been requested."
    approving = {login for login, review in given.items() if review.state == "APPROVED"}
    if rules.require_last_push_approval:
        approving.discard(repo.pushers.get(pull.head_sha, ""))
    if len(approving) < rules.required_approvals:
        count = rules.required_approvals
        return (
            f"At least {count} approving review{'s' * (count > 1)} "
            f"{'are' if count > 1 else 'is'} required by reviewers with write access."
        )
    return None


def merge_refusal(repo: Repository, issue: Issue, pull: Pull, login: str, *, behind: bool) -> str | None:
    """Why an account may not merge a pull request now; None when it may."""
    rules = repo.protections.get(pull.base_ref)
    if rules is None or not binds(repo, rules, login):
        return None
    if rules.push_allowed is not None and login not in rules.push_allowed:
        return "You're not authorized to push to this branch."
    refused = review_refusal(repo, issue, pull, rules)
    if refused is not None:
        return refused
    if rules.contexts is not None:
        unmet = _unmet_checks(repo, rules, pull.head_sha)
        if unmet:
            return " ".join(unmet)
        if rules.strict and behind:
            return "The head branch must be up to date with the base branch before merging."
    return None


def push_refusal(repo: Repository, branch: str, sha: str | None, login: str) -> str | None:
    """Why an account may not set a branch to a commit without a pull request (None: delete it); None when it may."""
    rules = repo.protections.get(branch)
    if rules is None or not binds(repo, rules, login):
        return None
    if sha is None:
        return None if rules.allow_deletions else "Cannot delete this branch"
    if rules.push_allowed is not None and login not in rules.push_allowed:
        return "You're not authorized to push to this branch."
    if rules.required_approvals is not None:
        return "Changes must be made through a pull request."
    unmet = _unmet_checks(repo, rules, sha)
    return " ".join(unmet) or None


def no_force(repo: Repository, branch: str, login: str) -> bool:
    """Whether a branch may only be fast-forwarded by an account."""
    rules = repo.protections.get(branch)
    return rules is not None and not rules.allow_force_pushes and binds(repo, rules, login)
