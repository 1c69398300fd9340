"""The lines of GitHub's table: which fine-grained permission each REST endpoint needs."""

from __future__ import annotations

from collections.abc import Iterator

from practicum.proctor.access import Level
from practicum.proctor.gateway.routes.table import Route

_LINES = """
# repositories
GET    /repos/{}                                      metadata:read
PATCH  /repos/{}                                      administration:write
DELETE /repos/{}                                      administration:write  act=repository.delete
POST   /user/repos                                    administration:write  act=repository.create body
POST   /orgs/{org}/repos                              administration:write  act=repository.create body
GET    /user/repos                                    metadata:read
GET    /orgs/{org}/repos                              metadata:read
GET    /users/{login}/repos                           metadata:read
GET    /repos/{}/languages                            metadata:read
GET    /repos/{}/topics                               metadata:read
GET    /repos/{}/contributors                         metadata:read
GET    /repos/{}/tags                                 metadata:read
GET    /repos/{}/events                               metadata:read
GET    /repos/{}/activity                             contents:read
GET    /repos/{}/collaborators                        metadata:read
GET    /repos/{}/collaborators/{login}                metadata:read
GET    /repos/{}/collaborators/{login}/permission     metadata:read
PUT    /repos/{}/collaborators/{login}                administration:write  act=collaborator.add
DELETE /repos/{}/collaborators/{login}                administration:write
PUT    /repos/{}/topics                               administration:write
GET    /repos/{}/stats/contributors                   metadata:read
GET    /repos/{}/forks                                metadata:read

# contents, branches, commits
GET    /repos/{}/readme                               contents:read
GET    /repos/{}/contents                             contents:read
GET    /repos/{}/contents/{path+}                     contents:read
PUT    /repos/{}/contents/{path+}                     contents:write        body
DELETE /repos/{}/contents/{path+}                     contents:write        body
GET    /repos/{}/tarball                              contents:read
GET    /repos/{}/tarball/{ref+}                       contents:read
GET    /repos/{}/zipball                              contents:read
GET    /repos/{}/zipball/{ref+}                       contents:read
GET    /repos/{}/branches                             contents:read
GET    /repos/{}/branches/{branch+}                   contents:read
GET    /repos/{}/branches/{branch+}/protection        administration:read
PUT    /repos/{}/branches/{branch+}/protection        administration:write
DELETE /repos/{}/branches/{branch+}/protection        administration:write
GET    /repos/{}/branches/{branch+}/protection/{part}    administration:read
POST   /repos/{}/branches/{branch+}/protection/enforce_admins   administration:write
DELETE /repos/{}/branches/{branch+}/protection/enforce_admins   administration:write
PATCH  /repos/{}/branches/{branch+}/protection/required_pull_request_reviews   administration:write
DELETE /repos/{}/branches/{branch+}/protection/required_pull_request_reviews   administration:write
PATCH  /repos/{}/branches/{branch+}/protection/required_status_checks          administration:write
DELETE /repos/{}/branches/{branch+}/protection/required_status_checks          administration:write
POST   /repos/{}/dispatches                           contents:write
POST   /repos/{}/branches/{branch+}/rename            contents:write
GET    /repos/{}/commits                              contents:read
GET    /repos/{}/commits/{ref+}                       contents:read
GET    /repos/{}/commits/{ref}/status                 statuses:read
GET    /repos/{}/commits/{ref}/statuses               statuses:read
GET    /repos/{}/commits/{ref}/check-runs             checks:read
GET    /repos/{}/commits/{ref}/check-suites           checks:read
GET    /repos/{}/commits/{ref}/pulls                  pull_requests:read
GET    /repos/{}/commits/{ref}/comments               contents:read
POST   /repos/{}/commits/{ref}/comments               contents:write
GET    /repos/{}/commits/{ref}/branches-where-head    contents:read
GET    /repos/{}/compare/{basehead+}                  contents:read
POST   /repos/{}/merges                               contents:write        act=merge body
POST   /repos/{}/forks                                administration:write  act=repository.create

# git database
POST   /repos/{}/git/blobs                            contents:write
GET    /repos/{}/git/blobs/{sha}                      contents:read
POST   /repos/{}/git/trees                            contents:write
GET    /repos/{}/git/trees/{sha+}                     contents:read
POST   /repos/{}/git/commits                          contents:write
GET    /repos/{}/git/commits/{sha}                    contents:read
POST   /repos/{}/git/tags                             contents:write
GET    /repos/{}/git/tags/{sha}                       contents:read
GET    /repos/{}/git/refs                             contents:read
GET    /repos/{}/git/refs/{ref+}                      contents:read
GET    /repos/{}/git/ref/{ref+}                       contents:read
GET    /repos/{}/git/matching-refs/{ref+}             contents:read
POST   /repos/{}/git/refs                             contents:write
PATCH  /repos/{}/git/refs/{ref+}                      contents:write        body
DELETE /repos/{}/git/refs/{ref+}                      contents:write        act=tag.delete

# issues, comments, labels, milestones (issues:write, or pull_requests:write where the number is a pull request)
GET    /repos/{}/assignees                            issues:read           or=pull_requests
GET    /repos/{}/assignees/{login}                    issues:read           or=pull_requests
GET    /repos/{}/issues                               issues:read           or=pull_requests
POST   /repos/{}/issues                               issues:write
GET    /repos/{}/issues/{number}                      issues:read           or=pull_requests
PATCH  /repos/{}/issues/{number}                      issues:write          or=pull_requests
PUT    /repos/{}/issues/{number}/lock                 issues:write          or=pull_requests
DELETE /repos/{}/issues/{number}/lock                 issues:write          or=pull_requests
GET    /repos/{}/issues/{number}/comments             issues:read           or=pull_requests
POST   /repos/{}/issues/{number}/comments             issues:write          or=pull_requests
GET    /repos/{}/issues/comments                      issues:read  or=pull_requests
GET    /repos/{}/issues/comments/{comment_id}         issues:read  or=pull_requests
PATCH  /repos/{}/issues/comments/{comment_id}         issues:write  or=pull_requests
DELETE /repos/{}/issues/comments/{comment_id}         issues:write  or=pull_requests
GET    /repos/{}/issues/{number}/labels               issues:read           or=pull_requests
POST   /repos/{}/issues/{number}/labels               issues:write          or=pull_requests
PUT    /repos/{}/issues/{number}/labels               issues:write          or=pull_requests
DELETE /repos/{}/issues/{number}/labels               issues:write          or=pull_requests
DELETE /repos/{}/issues/{number}/labels/{name+}       issues:write          or=pull_requests
POST   /repos/{}/issues/{number}/assignees            issues:write          or=pull_requests
DELETE /repos/{}/issues/{number}/assignees            issues:write          or=pull_requests
GET    /repos/{}/issues/{number}/events               issues:read           or=pull_requests
GET    /repos/{}/issues/{number}/timeline             issues:read           or=pull_requests
GET    /repos/{}/issues/events                        issues:read  or=pull_requests
GET    /repos/{}/issues/{number}/reactions            issues:read           or=pull_requests
POST   /repos/{}/issues/{number}/reactions            issues:write          or=pull_requests
GET    /repos/{}/issues/comments/{comment_id}/reactions   issues:read  or=pull_requests
DELETE /repos/{}/issues/{number}/reactions/{reaction_id}  issues:write      or=pull_requests
DELETE /repos/{}/issues/comments/{comment_id}/reactions/{reaction_id}  issues:write  or=pull_requests
POST   /repos/{}/issues/comments/{comment_id}/reactions   issues:write  or=pull_requests
GET    /repos/{}/labels                               issues:read           or=pull_requests
POST   /repos/{}/labels                               issues:write          or=pull_requests
GET    /repos/{}/labels/{name+}                       issues:read           or=pull_requests
PATCH  /repos/{}/labels/{name+}                       issues:write          or=pull_requests
DELETE /repos/{}/labels/{name+}                       issues:write          or=pull_requests
GET    /repos/{}/milestones                           issues:read           or=pull_requests
POST   /repos/{}/milestones                           issues:write          or=pull_requests
GET    /repos/{}/milestones/{milestone}               issues:read           or=pull_requests
PATCH  /repos/{}/milestones/{milestone}               issues:write          or=pull_requests
DELETE /repos/{}/milestones/{milestone}               issues:write          or=pull_requests
GET    /repos/{}/milestones/{milestone}/labels        issues:read           or=pull_requests

# pull requests and reviews
GET    /repos/{}/pulls                                pull_requests:read
POST   /repos/{}/pulls                                pull_requests:write
GET    /repos/{}/pulls/{number}                       pull_requests:read
PATCH  /repos/{}/pulls/{number}                       pull_requests:write
GET    /repos/{}/pulls/{number}/commits               pull_requests:read
GET    /repos/{}/pulls/{number}/files                 pull_requests:read
GET    /repos/{}/pulls/{number}/merge                 contents:read
PUT    /repos/{}/pulls/{number}/merge                 contents:write        act=merge
PUT    /repos/{}/pulls/{number}/update-branch         pull_requests:write
GET    /repos/{}/pulls/{number}/requested_reviewers   pull_requests:read
POST   /repos/{}/pulls/{number}/requested_reviewers   pull_requests:write
DELETE /repos/{}/pulls/{number}/requested_reviewers   pull_requests:write
GET    /repos/{}/pulls/{number}/reviews               pull_requests:read
POST   /repos/{}/pulls/{number}/reviews               pull_requests:write   body
GET    /repos/{}/pulls/{number}/reviews/{review_id}   pull_requests:read
PUT    /repos/{}/pulls/{number}/reviews/{review_id}   pull_requests:write
DELETE /repos/{}/pulls/{number}/reviews/{review_id}   pull_requests:write
GET    /repos/{}/pulls/{number}/reviews/{review_id}/comments     pull_requests:read
POST   /repos/{}/pulls/{number}/reviews/{review_id}/events       pull_requests:write  body
PUT    /repos/{}/pulls/{number}/reviews/{review_id}/dismissals   pull_requests:write
GET    /repos/{}/pulls/{number}/comments              pull_requests:read
POST   /repos/{}/pulls/{number}/comments              pull_requests:write
POST   /repos/{}/pulls/{number}/comments/{comment_id}/replies    pull_requests:write
GET    /repos/{}/pulls/comments                       pull_requests:read
GET    /repos/{}/pulls/comments/{comment_id}          pull_requests:read
PATCH  /repos/{}/pulls/comments/{comment_id}          pull_requests:write
DELETE /repos/{}/pulls/comments/{comment_id}          pull_requests:write

# checks, statuses
POST   /repos/{}/check-runs                           checks:write
GET    /repos/{}/check-runs/{check_run_id}            checks:read
PATCH  /repos/{}/check-runs/{check_run_id}            checks:write
GET    /repos/{}/check-runs/{check_run_id}/annotations    checks:read
POST   /repos/{}/check-runs/{check_run_id}/rerequest  checks:write
POST   /repos/{}/check-suites                         checks:write
GET    /repos/{}/check-suites/{check_suite_id}        checks:read
GET    /repos/{}/check-suites/{check_suite_id}/check-runs  checks:read
POST   /repos/{}/check-suites/{check_suite_id}/rerequest   checks:write
POST   /repos/{}/statuses/{sha}                       statuses:write
GET    /repos/{}/statuses/{ref+}                      statuses:read

# releases
GET    /repos/{}/releases                             contents:read
POST   /repos/{}/releases                             contents:write        act=release.create
GET    /repos/{}/releases/latest                      contents:read
GET    /repos/{}/releases/tags/{tag+}                 contents:read
GET    /repos/{}/releases/{release_id}                contents:read
PATCH  /repos/{}/releases/{release_id}                contents:write
DELETE /repos/{}/releases/{release_id}                contents:write        act=release.delete
POST   /repos/{}/releases/generate-notes              contents:write
GET    /repos/{}/releases/{release_id}/assets         contents:read
POST   /repos/{}/releases/{release_id}/assets         contents:write
GET    /repos/{}/releases/assets/{asset_id}           contents:read
PATCH  /repos/{}/releases/assets/{asset_id}           contents:write
DELETE /repos/{}/releases/assets/{asset_id}           contents:write

# webhooks
GET    /repos/{}/hooks                                repository_hooks:read
POST   /repos/{}/hooks                                repository_hooks:write
GET    /repos/{}/hooks/{hook_id}                      repository_hooks:read
PATCH  /repos/{}/hooks/{hook_id}                      repository_hooks:write
DELETE /repos/{}/hooks/{hook_id}                      repository_hooks:write
POST   /repos/{}/hooks/{hook_id}/pings                repository_hooks:write
POST   /repos/{}/hooks/{hook_id}/tests                repository_hooks:write
GET    /repos/{}/hooks/{hook_id}/deliveries           repository_hooks:read
GET    /repos/{}/hooks/{hook_id}/deliveries/{delivery_id}           repository_hooks:read
POST   /repos/{}/hooks/{hook_id}/deliveries/{delivery_id}/attempts  repository_hooks:write

# actions
GET    /repos/{}/actions/workflows                    actions:read
GET    /repos/{}/actions/workflows/{workflow_id}      actions:read
GET    /repos/{}/actions/workflows/{workflow_id}/runs actions:read
POST   /repos/{}/actions/workflows/{workflow_id}/dispatches  actions:write
GET    /repos/{}/actions/runs                         actions:read
GET    /repos/{}/actions/runs/{run_id}                actions:read
GET    /repos/{}/actions/runs/{run_id}/jobs           actions:read
GET    /repos/{}/actions/runs/{run_id}/logs           actions:read
GET    /repos/{}/actions/runs/{run_id}/artifacts      actions:read
POST   /repos/{}/actions/runs/{run_id}/rerun          actions:write
POST   /repos/{}/actions/runs/{run_id}/rerun-failed-jobs  actions:write
POST   /repos/{}/actions/runs/{run_id}/cancel         actions:write
GET    /repos/{}/actions/jobs/{job_id}                actions:read
GET    /repos/{}/actions/jobs/{job_id}/logs           actions:read
GET    /repos/{}/actions/artifacts                    actions:read
GET    /repos/{}/actions/artifacts/{artifact_id}      actions:read
GET    /repos/{}/actions/artifacts/{artifact_id}/{format}  actions:read
DELETE /repos/{}/actions/artifacts/{artifact_id}      actions:write

# deployments
GET    /repos/{}/deployments                          deployments:read
POST   /repos/{}/deployments                          deployments:write
GET    /repos/{}/deployments/{deployment_id}          deployments:read
GET    /repos/{}/deployments/{deployment_id}/statuses deployments:read
POST   /repos/{}/deployments/{deployment_id}/statuses deployments:write

# the account, which any good token may read
GET    /meta                                          -
GET    /zen                                           -
GET    /rate_limit                                    -
GET    /user                                          -
GET    /users/{login}                                 -
GET    /orgs/{org}                                    -
GET    /user/orgs                                     -
GET    /users/{login}/orgs                            -
GET    /orgs/{org}/members                            -
GET    /search/issues                                 issues:read
"""


def _routes() -> Iterator[Route]:
    for line in _LINES.splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        method, template, needs, *flags = words
        permission, _, level = needs.partition(":")
        options = dict(flag.split("=") for flag in flags if "=" in flag)
        held: Level = "write" if level == "write" else "read"
        yield Route(
            method=method,
            template=template.replace("{}", "{owner}/{repo}"),
            permission="" if permission == "-" else permission,
            level=held,
            act=options.get("act", ""),
            reads_body="body" in flags,
            alternative=options.get("or", ""),
        )


ROUTES: tuple[Route, ...] = tuple(_routes())
"""Every GitHub REST route that may be used at all."""
