"""The charter compiler: what becomes of a charter, and what is refused with which words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from practicum.api.charter import Charter
from practicum.errors import CharterError
from practicum.proctor.charter import ACTS, Compiled, compile_charter
from practicum.proctor.gateway.routes import deploy, discord, github, slack
from practicum.proctor.terms import parse_duration, parse_money, parse_rate

GRANTABLE = {"github": ["acme/shortlink"], "slack": ["dev", "standup"], "deploy": ["shortlink"]}


def compile(
    can: dict[str, Any], *, model: str = "", grantable: dict[str, list[str]] = GRANTABLE, **rest: Any
) -> Compiled:
    charter = Charter.model_validate({"role": "developer", "can": can, **rest})
    return compile_charter(charter, services=[*grantable, "anthropic"], grantable=grantable, model=model)


def test_the_template_is_the_scenarios_repository_and_metadata_comes_along() -> None:
    grant = compile({"github": {"repos": ["{{world.github.repo}}"], "permissions": {"issues": "write"}}}).grants[
        "github"
    ]
    assert grant.resources == {"acme/shortlink"}
    assert grant.permissions == {"issues": "write", "metadata": "read"}


def test_a_star_is_what_the_scenario_has_and_no_more() -> None:
    grant = compile({"slack": {"channels": ["*"], "actions": ["read", "post"]}}).grants["slack"]
    assert grant.resources == {"dev", "standup"}
    assert grant.permissions == {"read": "read", "post": "write"}


def test_cannot_and_approval_become_acts_and_a_false_line_forbids_nothing() -> None:
    grant = compile(
        {"github": {"repos": ["acme/shortlink"], "permissions": {"contents": "write"}}},
        cannot={"github": {"merge": True, "approve": False}},
        approval=["github.release.create"],
    ).grants["github"]
    assert grant.forbidden == {"merge"}
    assert grant.approval == {"release.create"}
    assert grant.rules["merge"] == "developer: cannot.github.merge"


def test_a_service_that_the_scenario_does_not_have_is_left_out_and_told() -> None:
    made = compile({"discord": {"channels": ["questions"], "actions": ["read"]}})
    assert made.grants == {}
    assert made.skipped == ("discord",)


def test_a_models_lease_has_its_own_budget_and_calls() -> None:
    made = compile(
        {"model": {"budget": "$0.50", "calls": 20}},
        model="anthropic/some-model",
        lease={"ttl": "1h30m", "rate": "600/m"},
    )
    assert made.grants["anthropic"].resources == {"some-model"}
    terms = made.terms["anthropic"]
    assert (terms.budget_usd, terms.max_calls, terms.rate_per_s) == (0.5, 20, 10.0)
    assert terms.ttl == timedelta(minutes=90)
    assert compile({"model": {}}, model="script/x").grants == {}


@pytest.mark.parametrize(
    ("charter", "words"),
    [
        ({"can": {"github": {"repos": ["acme/shortlnk"]}}}, r"'acme/shortlnk' is not in the scenario"),
        ({"can": {"github": {"repos": ["{{ world.github.token }}"]}}}, r"world\.github\.token }} is unknown"),
        ({"can": {"github": {"permissions": {"isues": "read"}}}}, r"can\.github\.permissions: 'isues' is unknown"),
        ({"can": {"slack": {"channels": ["general"]}}}, r"can\.slack\.channels: 'general' is not in the scenario"),
        ({"cannot": {"github": {"marge": True}}}, r"cannot\.github: 'marge' is unknown"),
        ({"cannot": {"gitlab": {"merge": True}}}, r"cannot: 'gitlab' is unknown"),
        ({"approval": ["github.reelase.create"]}, r"approval: 'github\.reelase\.create' is unknown"),
        ({"lease": {"ttl": "soon"}}, r"lease\.ttl: 'soon' is not a time"),
        ({"lease": {"ttl": "0s"}}, r"lease\.ttl"),
        ({"lease": {"rate": "fast"}}, r"lease\.rate: 'fast' is not a rate"),
        ({"lease": {"max_calls": 0}}, r"lease\.max_calls"),
    ],
)
def test_what_a_charter_cannot_say_is_refused_by_line(charter: dict[str, Any], words: str) -> None:
    with pytest.raises(CharterError, match=words) as caught:
        compile(charter.pop("can", {}), **charter)
    assert str(caught.value).startswith("charter of developer: ")


def test_a_near_miss_names_what_was_probably_meant() -> None:
    with pytest.raises(CharterError) as caught:
        compile({"github": {"permissions": {"isues": "read"}}})
    assert caught.value.hint.startswith('did you mean "issues"?')


def test_a_vendors_model_needs_a_line_in_the_charter() -> None:
    with pytest.raises(CharterError, match=r"can\.model: is missing"):
        compile({}, model="anthropic/some-model")
    with pytest.raises(CharterError, match=r"can\.model\.budget: '1 Euro' is not an amount"):
        compile({"model": {"budget": "1 Euro"}}, model="anthropic/some-model")


def test_the_template_needs_exactly_one_repository() -> None:
    with pytest.raises(CharterError, match="the scenario has 2 repositories"):
        compile({"github": {"repos": ["{{ world.github.repo }}"]}}, grantable={"github": ["a/b", "a/c"]})


def test_every_act_of_the_gateways_tables_can_be_forbidden() -> None:
    for service, table in (("github", github), ("slack", slack), ("discord", discord), ("deploy", deploy)):
        acts = {route.act for route in table.ROUTES if route.act}
        assert acts <= ACTS[service], service


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("1h30m", 5400), ("1d", 86400), ("0.5s", 0.5)]
)
def test_times(text: str, seconds: float) -> None:
    assert parse_duration(text, "here").total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "15", "15 minutes", "-5m", "m", "5m!"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(CharterError, match=r"^here: "):
        parse_duration(text, "here")


def test_rates_and_money() -> None:
    assert parse_rate("30/m", "here") == 0.5
    assert parse_money("$12.50", "here") == 12.5
    for wrong in ("0/s", "10", "/s"):
        with pytest.raises(CharterError):
            parse_rate(wrong, "here")
    for wrong in ("5", "$", "$-1", "5 $"):
        with pytest.raises(CharterError):
            parse_money(wrong, "here")
