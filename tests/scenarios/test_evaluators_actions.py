"""What agents did, by whatever name a file calls it."""

from __future__ import annotations

import pytest
from evaluated_run import EvaluatedRun

from practicum.agents.tools import BY_SERVICE
from practicum.bus.events import MockCalled, ToolCalled, ToolReturned
from practicum.scenarios.evaluators.actions import TOOLS, words_of


def did(run: EvaluatedRun, tool: str, *, ok: bool | None = True, agent: str = "dev-1") -> str:
    """An agent calls a tool; with None it never returns."""
    call = f"c{len(run.events)}"
    made = run.happened(agent, ToolCalled(turn=1, call=call, tool=tool, args={}, effect="read"))
    if ok is not None:
        run.happened(agent, ToolReturned(turn=1, call=call, tool=tool, ok=ok, error="" if ok else "broke"))
    return made


@pytest.mark.parametrize(
    ("action", "tool", "fits"),
    [
        ("list_issues", "list_issues", True),
        ("LIST_ISSUES", "list_issues", True),
        ("listIssues", "list_issues", True),
        ("LIST_GITHUB_ISSUES", "list_issues", True),
        ("GITHUB_LIST_ISSUES", "list_issues", True),
        ("LIST_ISSUES_ACTION", "list_issues", True),
        ("LIST_SLACK_ISSUES", "list_issues", False),
        ("LIST_ISSUE", "list_issues", False),
        ("LIST_ISSUES_ISSUES", "list_issues", False),
        ("issues", "list_issues", False),
        ("SEARCH_KNOWLEDGE_BASE", "knowledge_base_search", True),
        ("SEARCH_KNOWLEDGE", "knowledge_base_search", False),
        ("searchIssues", "github-service_searchIssues", False),
        ("SEARCH_GITHUB_ISSUES", "github-service_searchIssues", True),
        ("run_command", "run_command", True),
        ("SHELL_RUN_COMMAND", "run_command", True),
        ("slack post", "slack_post", True),
        ("post", "slack_post", False),
    ],
)
async def test_names_are_compared_word_by_word(team_run: EvaluatedRun, action: str, tool: str, fits: bool) -> None:
    did(team_run, tool)
    assert (await team_run.look("trajectory_contains_action", action=action)).passed is fits


async def test_what_failed_or_never_ended_was_not_done(team_run: EvaluatedRun) -> None:
    did(team_run, "list_issues", ok=False)
    did(team_run, "list_issues", ok=None)
    found = await team_run.look("trajectory_contains_action", action="LIST_ISSUES")
    assert (found.passed, found.summary) == (False, "LIST_ISSUES was tried and failed")
    assert (await team_run.look("trajectory_contains_action", action="LIST_ISSUES", include_failed=True)).passed
    good = did(team_run, "list_issues")
    found = await team_run.look("trajectory_contains_action", action="LIST_ISSUES")
    assert (found.passed, found.evidence) == (True, (good,))
    assert found.details == {"action": "LIST_ISSUES", "times": 1, "failed": 2}
    assert not (await team_run.look("trajectory_contains_action", action="LIST_ISSUES", agent="qa")).passed


async def test_only_the_step_or_the_turn_counts(team_run: EvaluatedRun) -> None:
    did(team_run, "list_issues")
    team_run.step("input", given="List them", text="done")
    assert (await team_run.look("trajectory_contains_action", action="list_issues")).passed
    did(team_run, "open_issue")
    step = team_run.talk(("one", "first"), ("two", "second"))
    assert not (await team_run.look("trajectory_contains_action", action="list_issues")).passed
    team_run.turn = step.turns[1]
    found = await team_run.look("trajectory_contains_action", action="open_issue")
    assert (found.passed, found.summary) == (False, "open_issue was not done; nothing was done")
    team_run.scope = team_run.turn = None
    assert (await team_run.look("trajectory_contains_action", action="list_issues")).passed


@pytest.mark.parametrize("action", ["reply", "MESSAGE", "respond"])
async def test_to_answer_is_an_action_and_only_words(team_run: EvaluatedRun, action: str) -> None:
    team_run.step("input", given="Hello", text="")
    assert (await team_run.look("trajectory_contains_action", action=action)).summary == "the agent answered nothing"
    team_run.step("input", given="Hello", text="Good day")
    assert (await team_run.look("trajectory_contains_action", action=action)).passed
    team_run.step("code", stdout="Good day", text="Good day")
    found = await team_run.look("trajectory_contains_action", action=action)
    assert found.summary == f"{action} was not done: no agent acts in a step of code"


async def test_a_mocked_method_that_was_called_in_any_way_was_done(team_run: EvaluatedRun) -> None:
    def mocked(answered: str, source: str = "proctor") -> None:
        call = MockCalled(service="github-service", method="searchIssues", agent="dev-1", answered=answered)  # type: ignore[arg-type]
        team_run.happened(source, call)

    mocked("none")
    mocked("error")
    mocked("response", source="dev-1")  # an agent's own word
    assert not (await team_run.look("trajectory_contains_action", action="SEARCH_ISSUES")).passed
    mocked("response")
    assert (await team_run.look("trajectory_contains_action", action="SEARCH_ISSUES")).passed
    assert (await team_run.look("trajectory_contains_action", action="SEARCH_GITHUB_ISSUES")).passed


def test_the_table_of_tools_is_that_of_the_agents() -> None:
    assert {service: tuple(tool.name for tool in tools) for service, tools in BY_SERVICE.items() if service} == TOOLS


def test_a_name_falls_into_its_words() -> None:
    assert words_of("HTTPGet2Pages") == {"http": 1, "get": 1, "2": 1, "pages": 1}
    assert words_of("service") == {"service": 1}
