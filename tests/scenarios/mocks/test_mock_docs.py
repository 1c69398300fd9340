"""What the page about mocks says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from practicum.scenarios.expressions import parse_body, parse_expression
from practicum.scenarios.expressions.library import GLOBALS
from practicum.scenarios.expressions.limits import MOST_SIZE, MOST_STEPS
from practicum.scenarios.expressions.members import METHOD_NAMES
from practicum.scenarios.expressions.tokens import LONGEST
from practicum.scenarios.expressions.values import Namespace
from practicum.scenarios.mocks import check_mocks, notes
from practicum.scenarios.mocks.ready import _WEIGHTS
from practicum.scenarios.mocks.routes import routes_of
from practicum.scenarios.mocks.views import CONTEXT, TIMES
from practicum.scenarios.schema import Mock

TEXT = (Path(__file__).parents[3] / "docs" / "mocks.md").read_text()
LISTS = [block for block in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) if block.startswith("-")]


@pytest.mark.parametrize("block", LISTS, ids=range(len(LISTS)))
def test_every_list_of_mocks_is_valid_and_nothing_is_noted_about_it(block: str) -> None:
    found = [Mock.model_validate(entry) for entry in yaml.safe_load(block)]
    assert check_mocks(found) == []
    assert notes(found, only_code_steps=False) == []


def test_every_way_to_write_an_answer_is_read() -> None:
    block = TEXT.partition("A `responseFn` may be\n")[2].split("```")[1].removeprefix("text\n")
    ways = [re.split(r"\s{2,}", line)[0] for line in block.strip().splitlines()]
    assert len(ways) == 7
    for way in ways:
        assert parse_body(way)


def test_the_error_in_the_page_is_the_one_that_is_given() -> None:
    with pytest.raises(Exception, match=r"line 1, column 13: there is no method \.include") as refused:
        parse_expression("input.labels.include('bug')")
    assert "did you mean includes?" in str(refused.value)


def test_every_method_and_every_name_is_told() -> None:
    inside = " ".join(re.findall(r"`+([^`]+)`+", TEXT))
    hidden = {"exec", "test", "codePointAt", "trimStart", "trimEnd", "toString", "valueOf", "hasOwnProperty", "toJSON"}
    methods = {name for name in METHOD_NAMES if not name.startswith(("get", "to"))} - hidden
    assert not [name for name in methods if not re.search(rf"\b{name}\b", inside)]
    names = {name for name in GLOBALS if name not in ("Promise", "TypeError", "RangeError")}
    assert not [name for name in names if not re.search(rf"\b{name}\b", inside)]
    assert isinstance(GLOBALS["Math"], Namespace)


def test_numbers_facts_and_names_are_those_of_the_code() -> None:
    assert all(f"`{fact}`" in TEXT for fact in (*CONTEXT, *TIMES))
    assert f"{LONGEST:,} characters of text" in TEXT
    assert f"{MOST_STEPS:,} steps" in TEXT
    assert f"{MOST_SIZE:,} characters and items" in TEXT.replace("\n", " ")
    order = ", ".join(
        f"`{'partialArgs' if name == 'partial_args' else name}` {worth}" for name, worth in _WEIGHTS.items()
    )
    assert order in TEXT
    for service in ("github", "slack", "discord"):
        row = re.search(rf"^\| `{service}` \| (.*) \|$", TEXT, re.MULTILINE)
        assert row is not None
        names = re.findall(r"`([\w.]+)`", row[1])
        assert not [name for name in names if not routes_of(service, name.lower())]
