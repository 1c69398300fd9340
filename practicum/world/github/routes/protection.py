"""Branch protection."""

from __future__ import annotations

from practicum.world.github.body import Body
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, invalid
from practicum.world.github.render.repositories import (
    enforce_admins,
    protection,
    required_checks,
    required_reviews,
)
from practicum.world.github.state import Protection

_BASE = "~/branches/{branch}/protection"


def _rules(call: Call) -> tuple[str, Protection]:
    branch = call.arg("branch")
    rules = call.repo.protections.get(branch)
    if call.repo.git.branch(branch) is None and rules is None:
        raise ApiError(404, "Branch not found")
    if rules is None:
        raise ApiError(404, "Branch not protected")
    return branch, rules


@handles("GET", _BASE)
async def get(call: Call) -> Reply:
    branch, rules = _rules(call)
    return Reply(protection(call.core, call.repo, branch, rules))


@handles("PUT", _BASE)
async def put(call: Call) -> Reply:
    branch, body = call.arg("branch"), call.body
    if call.repo.git.branch(branch) is None:
        raise ApiError(404, "Branch not found")
    for key in ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"):
        if key not in body:
            raise ApiError(422, f'Invalid request.\n\n"{key}" wasn\'t supplied.')
    rules = Protection(
        enforce_admins=body.flag("enforce_admins", False),
        linear_history=body.flag("required_linear_history", False),
        allow_force_pushes=body.flag("allow_force_pushes", False),
        allow_deletions=body.flag("allow_deletions", False),
        conversation_resolution=body.flag("required_conversation_resolution", False),
    )
    reviews, checks, restrictions = (
        body.inner("required_pull_request_reviews"),
        body.inner("required_status_checks"),
        body.inner("restrictions"),
    )
    if reviews is not None:
        rules.required_approvals = 1
        _take_reviews(rules, reviews)
    if checks is not None:
        rules.contexts = []
        _take_checks(rules, checks)
    if restrictions is not None:
        rules.push_allowed = restrictions.texts("users") or []
    call.repo.protections[branch] = rules
    return Reply(protection(call.core, call.repo, branch, rules))


def _take_reviews(rules: Protection, body: Body) -> None:
    count = body.number("required_approving_review_count")
    if count is not None:
        if not 0 <= count <= 6:
            raise invalid("ProtectedBranch", "required_approving_review_count")
        rules.required_approvals = count
    rules.dismiss_stale_reviews = body.flag("dismiss_stale_reviews", rules.dismiss_stale_reviews)
    rules.require_code_owner_reviews = body.flag("require_code_owner_reviews", rules.require_code_owner_reviews)
    rules.require_last_push_approval = body.flag("require_last_push_approval", rules.require_last_push_approval)


def _take_checks(rules: Protection, body: Body) -> None:
    contexts = body.texts("contexts")
    if contexts is not None:
        rules.contexts = contexts
    if body.objects("checks"):
        rules.contexts = [check.need("context", "ProtectedBranch") for check in body.objects("checks")]
    rules.strict = body.flag("strict", rules.strict)


@handles("DELETE", _BASE)
async def delete(call: Call) -> Reply:
    branch, _ = _rules(call)
    del call.repo.protections[branch]
    return Reply(status=204)


@handles("GET", f"{_BASE}/enforce_admins")
async def get_enforce_admins(call: Call) -> Reply:
    branch, rules = _rules(call)
    return Reply(enforce_admins(call.core, call.repo, branch, rules))


@handles("POST", f"{_BASE}/enforce_admins")
async def set_enforce_admins(call: Call) -> Reply:
    _rules(call)[1].enforce_admins = True
    return await get_enforce_admins(call)


@handles("DELETE", f"{_BASE}/enforce_admins")
async def unset_enforce_admins(call: Call) -> Reply:
    _rules(call)[1].enforce_admins = False
    return Reply(status=204)


@handles("GET", f"{_BASE}/required_pull_request_reviews")
async def get_reviews(call: Call) -> Reply:
    branch, rules = _rules(call)
    if rules.required_approvals is None:
        raise ApiError(404, "Required pull request reviews not enabled")
    return Reply(required_reviews(call.core, call.repo, branch, rules))


@handles("PATCH", f"{_BASE}/required_pull_request_reviews")
async def edit_reviews(call: Call) -> Reply:
    _, rules = _rules(call)
    rules.required_approvals = 1 if rules.required_approvals is None else rules.required_approvals
    _take_reviews(rules, call.body)
    return await get_reviews(call)


@handles("DELETE", f"{_BASE}/required_pull_request_reviews")
async def remove_reviews(call: Call) -> Reply:
    _rules(call)[1].required_approvals = None
    return Reply(status=204)


@handles("GET", f"{_BASE}/required_status_checks")
async def get_checks(call: Call) -> Reply:
    branch, rules = _rules(call)
    if rules.contexts is None:
        raise ApiError(404, "Required status checks not enabled")
    return Reply(required_checks(call.core, call.repo, branch, rules))


@handles("PATCH", f"{_BASE}/required_status_checks")
async def edit_checks(call: Call) -> Reply:
    _, rules = _rules(call)
    rules.contexts = rules.contexts or []
    _take_checks(rules, call.body)
    return await get_checks(call)


@handles("DELETE", f"{_BASE}/required_status_checks")
async def remove_checks(call: Call) -> Reply:
    rules = _rules(call)[1]
    rules.contexts, rules.strict = None, False
    return Reply(status=204)
