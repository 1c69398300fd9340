"""The expression language of workflow files."""

from __future__ import annotations

import pytest

from practicum.bus.events import Json
from practicum.world.actions.expression import ExpressionError, Scope, Status, check, condition, evaluate, render

CONTEXT: dict[str, Json] = {
    "github": {"ref": "refs/heads/main", "event_name": "push", "event": {"commits": [{"message": "one"}], "number": 7}},
    "env": {"LEVEL": "3", "EMPTY": ""},
    "needs": {"build": {"result": "success", "outputs": {"version": "v1"}}},
    "steps": {"count": {"outputs": {"n": "12"}, "outcome": "failure"}},
}


def scope(status: Status | None = None) -> Scope:
    return Scope(CONTEXT, status)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("github.ref == 'refs/heads/main'", True),
        ("github.ref == 'REFS/HEADS/MAIN'", True),
        ("github.event_name != 'push'", False),
        ("github.event.commits[0].message", "one"),
        ("github.event['number']", 7),
        ("github.event.nothing.at.all", None),
        ("env.LEVEL == 3", True),
        ("env.EMPTY || 'fallback'", "fallback"),
        ("env.LEVEL && 'set'", "set"),
        ("!env.EMPTY && (true || false)", True),
        ("1 < 2 && 2 <= 2 && 3 > 2.5", True),
        ("needs.build.outputs.version", "v1"),
        ("contains('Hello', 'hell')", True),
        ("contains(fromJSON('[1, 2]'), 2)", True),
        ("startsWith(github.ref, 'refs/tags/')", False),
        ("endsWith(github.ref, '/main')", True),
        ("format('{0}-{1}-{{x}}', 'a', 2)", "a-2-{x}"),
        ("join(fromJSON('[1, 2]'), '+')", "1+2"),
        ("'it''s'", "it's"),
        ("null == 0", True),
        ("-1.5", -1.5),
        ("0x1F", 31),
    ],
)
def test_evaluates_as_github_does(source: str, value: Json) -> None:
    assert evaluate(source, scope()) == value


@pytest.mark.parametrize(
    "source",
    ["", "github.", "1 +", "foo.bar", "(1", "'open", "hashFiles('a')", "a.*.b", "github..ref", "contains('a')", "1 2"],
)
def test_malformed_and_unsupported_expressions_are_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(source, scope())


def test_nothing_of_python_can_be_reached() -> None:
    assert evaluate("github.__class__", scope()) is None
    with pytest.raises(ExpressionError):
        evaluate("__import__('os')", scope())


def test_deep_nesting_is_refused_instead_of_overflowing() -> None:
    with pytest.raises(ExpressionError):
        evaluate("(" * 150 + "1" + ")" * 150, scope())


def test_templates_are_filled_in_text() -> None:
    assert render("v=${{ needs.build.outputs.version }} n=${{steps.count.outputs.n}}", scope()) == "v=v1 n=12"


def test_secrets_are_empty_and_noted() -> None:
    here = scope()
    assert render("token=${{ secrets.DEPLOY_KEY }}", here) == "token="
    assert here.secrets_read == {"DEPLOY_KEY"}


def test_a_condition_without_a_status_function_asks_for_success_too() -> None:
    failed = Status(success=False, failure=True)
    assert condition("", scope(Status()))
    assert not condition("github.event_name == 'push'", scope(failed))
    assert condition("${{ always() }}", scope(failed))
    assert condition("failure() && steps.count.outcome == 'failure'", scope(failed))
    assert not condition("failure()", scope(Status()))


def test_status_functions_are_refused_outside_conditions() -> None:
    with pytest.raises(ExpressionError, match="if"):
        render("${{ success() }}", scope())


def test_an_unclosed_template_is_found_before_anything_runs() -> None:
    with pytest.raises(ExpressionError, match="never closed"):
        check("echo ${{ github.ref")
