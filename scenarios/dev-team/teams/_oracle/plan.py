"""What a team of the oracle's scripts does and, for the leaving-out teams, the one thing that it does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The oracle's plan; each field that is changed takes away the one effect that an evaluation looks for."""

    deploys_the_release: bool = True
    """http_responds. Otherwise the commit before the released one is deployed."""
    all_tests: bool = True
    """tests_pass. Otherwise the lead keeps two of his test files to himself."""
    tests_everything: bool = True
    """coverage_at_least. Otherwise a developer adds a page that nobody tests."""
    one_issue_a_pull_request: bool = True
    """merged. Otherwise two issues are solved in one pull request."""
    approves_the_head: bool = True
    """reviewed. Otherwise one is merged with a commit that came after its approval."""
    forgets_loops: bool = True
    """reworked. Otherwise the first version is right already, and no review asks for a change."""
    in_parallel: bool = True
    """parallel. Otherwise the second developer waits until the first one's work is merged."""
    closes_issues: bool = True
    """issues_resolved. Otherwise one pull request does not say which issue it solves."""
    devops_commits: bool = True
    """contributors_include. Otherwise the lead writes the workflow."""
    has_checks: bool = True
    """checks_passed. Otherwise there is no workflow."""
    tester_commits: bool = True
    """defect_fixed. Otherwise the tester reports the defect and leaves the test to the developer."""
    tag: str = "v1.0.0"
    """release_published. Otherwise the release is named differently."""
    watches: bool = True
    """service_watched."""
    documents: bool = True
    """documentation. Otherwise the documentation stands where nobody looks for it."""
    reports_quality: bool = True
    """quality_report."""
    answers: bool = True
    """question_answered. Otherwise the answer is given into the room."""
    announces: bool = True
    """announced."""
    talks: bool = True
    """team_talk."""
    oversteps: bool = False
    """access_denied. A developer tries to merge his own pull request."""
