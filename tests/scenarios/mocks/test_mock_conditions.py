"""Which mock answers a call."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mock_kit import answer, ask, book

from practicum.bus.events import Json
from practicum.scenarios.mocks import MockCall

SEARCH = """
- {service: github-service, method: searchIssues, response: any}
- {service: github-service, method: searchIssues, when: {partialArgs: [acme]}, response: partial}
- {service: github-service, method: searchIssues, when: {matcher: "input.state === 'open'"}, response: matcher}
- {service: github-service, method: searchIssues, when: {context: {agent: qa-1}}, response: context}
- {service: github-service, method: searchIssues, when: {input: {state: open}}, response: input}
- {service: github-service, method: searchIssues, when: {input: {state: open, label: bug}}, response: two keys}
- {service: github-service, method: searchIssues, when: {args: [acme, shop]}, response: args}
- service: github-service
  method: searchIssues
  when: {input: {state: open}, matcher: "input.label === 'x'"}
  response: both
"""


@pytest.mark.parametrize(
    ("args", "named", "said"),
    [
        ((), {}, "any"),
        (("acme",), {}, "partial"),
        (("acme", "other"), {}, "partial"),
        (("acme", "shop"), {}, "args"),
        ((), {"state": "open"}, "input"),
        ((), {"state": "open", "label": "bug"}, "two keys"),
        ((), {"state": "open", "label": "x"}, "both"),
        (({"state": "open", "more": 1},), {}, "input"),
        (("acme",), {"state": "open"}, "input"),
    ],
)
def test_the_most_specific_one_that_fits_answers(args: tuple[Json, ...], named: dict[str, Json], said: str) -> None:
    assert answer(book(SEARCH), "github", "searchIssues", *args, **named).value == said


def test_conditions_of_one_mock_are_anded() -> None:
    answers = book(
        "- {method: pay, when: {args: [5], input: {arg0: 5}, context: {agent: dev-1}, matcher: 'args[0] > 4'},"
        " response: yes}"
    )
    assert answer(answers, "bank", "pay", 5).value is True
    for other in (
        MockCall("bank", "pay", (4,), {}, {"agent": "dev-1"}),
        MockCall("bank", "pay", (5,), {}, {"agent": "qa-1"}),
        MockCall("bank", "pay", (5, 6), {}, {"agent": "dev-1"}),
        MockCall("bank", "pay", (5,), {"arg0": 6}, {"agent": "dev-1"}),
    ):
        assert answers.answer(other).answer is None


@pytest.mark.parametrize("name", ["github-service", "github", "GITHUB", "githubService", "GitHub Service", "git_hub"])
def test_one_service_has_several_spellings(name: str) -> None:
    assert answer(book("- {service: github-service, method: get, response: 1}"), name, "get").value == 1
    assert answer(book(f"- {{service: '{name}', method: get, response: 1}}"), "github", "get").value == 1


def test_other_services_and_methods_are_not_answered() -> None:
    answers = book("- {service: github-service, method: get, response: 1}")
    assert ask(answers, "gitlab", "get").answer is None
    assert "no mock is about get of gitlab" in ask(answers, "gitlab", "get").event.why
    assert ask(answers, "github", "getAll").answer is None


def test_a_method_in_other_case_is_the_same_and_that_is_said() -> None:
    done = ask(book("- {method: getBalance, response: 1}"), "bank", "GetBalance")
    assert done.answer is not None
    assert "called as GetBalance" in done.event.why


def test_a_mock_without_a_service_answers_for_every_one_and_goes_behind_one_that_names_it() -> None:
    answers = book("[{method: query, response: any}, {service: db, method: query, response: db}]")
    assert answer(answers, "db", "query").value == "db"
    assert answer(answers, "warehouse", "query").value == "any"


def test_of_equals_the_first_in_the_file_answers() -> None:
    answers = book(
        "[{method: q, when: {input: {a: 1}}, response: first}, {method: q, when: {input: {b: 1}}, response: second}]"
    )
    assert answer(answers, "s", "q", a=1, b=1).value == "first"


def test_arguments_are_compared_as_json() -> None:
    answers = book("- {method: f, when: {args: [1, {a: [true]}]}, response: fits}")
    assert answer(answers, "s", "f", 1.0, {"a": [True]}).value == "fits"
    assert ask(answers, "s", "f", True, {"a": [True]}).answer is None
    assert ask(answers, "s", "f", 1, {"a": [1]}).answer is None
    assert ask(answers, "s", "f", 1, {"a": [True], "b": 1}).answer is None
    assert ask(answers, "s", "f", "1", {"a": [True]}).answer is None


def test_partial_arguments_and_inputs_may_hold_more_keys_inside() -> None:
    answers = book(
        "[{method: f, when: {partialArgs: [{a: {b: 1}}]}, response: p},"
        " {method: g, when: {input: {a: {b: 1}}}, response: i}]"
    )
    assert answer(answers, "s", "f", {"a": {"b": 1, "c": 2}, "d": 3}, 4).value == "p"
    assert answer(answers, "s", "g", a={"b": 1, "c": 2}).value == "i"
    assert ask(answers, "s", "g", a={"b": [1]}).answer is None


def test_named_arguments_fit_positional_ones_in_their_order() -> None:
    answers = book("- {method: balance, when: {args: ['0x12', eth]}, responseFn: 'return args'}")
    assert answer(answers, "evm", "balance", address="0x12", chain="eth").value == ["0x12", "eth"]


def test_the_context_tells_how_often_a_method_was_called() -> None:
    answers = book(
        "[{method: poll, when: {context: {call: 0}}, response: pending},"
        " {method: poll, when: {context: {call: 1}}, response: done}, {method: other, response: x}]"
    )
    assert answer(answers, "job", "poll").value == "pending"
    assert answer(answers, "job", "other").value == "x"
    assert answer(answers, "job", "poll").value == "done"
    assert "when.context.call is 0, the call has 2" in ask(answers, "job", "poll").event.why


def test_the_facts_that_older_files_ask_for_are_there() -> None:
    answers = book("- {method: f, when: {context: {argsCount: 2, hasObjectArgs: true}}, responseFn: context.timestamp}")
    assert answer(answers, "s", "f", 1, {}).value == "2026-03-01T12:00:00.000Z"
    answers = book("- {method: f, when: {matcher: \"input.arg0 === 'x' && input.arg1 > 1\"}, response: 1}")
    assert answer(answers, "s", "f", "x", 2).value == 1


def test_a_matcher_that_fails_does_not_hold_and_the_log_says_why() -> None:
    done = ask(book("- {method: f, when: {matcher: \"input.path.includes('x')\"}, response: 1}"), "s", "f")
    assert done.answer is None
    assert "when.matcher: line 1, column 11: cannot read 'includes' of undefined" in done.event.why


def test_what_yaml_makes_of_a_value_is_compared_and_answered_as_json() -> None:
    answers = book("- {method: f, when: {args: [2024-07-15]}, response: {1: 2024-07-15T10:00:00Z, n: .nan}}")
    assert answer(answers, "s", "f", "2024-07-15").value == {"1": "2024-07-15T10:00:00+00:00", "n": None}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=100, deadline=20_000, suppress_health_check=list(HealthCheck))
@given(st.lists(JSON, max_size=3), st.dictionaries(st.sampled_from(["state", "labels", "n"]), JSON), st.booleans())
def test_whatever_an_agent_sends_is_answered_or_not(args: list[Json], named: dict[str, Json], wire: bool) -> None:
    answers = book(
        "[{service: github, method: searchIssues, when: {input: {state: open}, matcher: 'input.labels[0].x > 1'},"
        " responseFn: 'return {a: args, b: `${input.n}`, c: [...args].sort()}'},"
        " {service: github, method: searchIssues, when: {partialArgs: [a]}, response: 1},"
        " {service: github, method: searchIssues, when: {args: [[]]}, error: {code: X}}]"
    )
    http = ("GET", "/search/issues") if wire else None
    done = answers.answer(MockCall("github", "searchIssues", tuple(args), named, {}, http))
    assert done.event.model_dump_json()
    assert sum(use.calls for use in answers.uses()) == 1
