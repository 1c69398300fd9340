"""What docs/suites.md says is so: its files load and run, and every key of the files is on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from practicum_command import Practicum
from pydantic import BaseModel

from practicum.scenarios.matrix import MatrixFile, load_matrix
from practicum.scenarios.statistics import Comparison
from practicum.scenarios.suite import SuiteResult

PAGE = (Path(__file__).parents[3] / "docs" / "suites.md").read_text()


@pytest.fixture
def written(practicum: Practicum) -> Practicum:
    """The files that the page writes out."""
    for name, text in re.findall(r"<!-- test: file suites/(\S+) -->\n\n```yaml\n(.*?)^```$", PAGE, re.M | re.S):
        (practicum.cwd / name).write_text(text)
    return practicum


def test_the_matrix_of_the_page_runs_as_it_says(written: Practicum) -> None:
    done = written("matrix", "greetings.matrix.yaml", "--parallel", "4")
    assert done.returncode == 1, done.stderr
    assert "4 combinations x 2 runs = 8 runs" in done.stdout
    assert "2 of 8 passed" in done.stdout


def test_the_team_of_the_page_has_all_its_parts(written: Practicum) -> None:
    found = load_matrix(written.cwd / "team.matrix.yaml")
    left = {str(item.parameters["team"]): list(item.value["team"]) for item in found.combinations}
    assert left == {
        "solo": ["dev-1"],
        "no-plan": ["dev-1", "dev-2", "qa"],
        "no-verify": ["pm", "dev-1", "dev-2"],
        "full": ["pm", "dev-1", "dev-2", "qa"],
    }
    assert found.runs == 40


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from _models(field.annotation)
    for part in get_args(kind):
        yield from _models(part)


@pytest.mark.parametrize("model", sorted({*_models(MatrixFile), *_models(SuiteResult), *_models(Comparison)}, key=str))
def test_every_key_and_word_is_told(model: type[BaseModel]) -> None:
    inside = "\n".join(re.findall(r"`([^`\n]+)`", PAGE))
    words = {word for field in model.model_fields.values() for word in _words(field.annotation)}
    keys = {field.alias or name for name, field in model.model_fields.items()} | {*model.model_computed_fields}
    assert not [key for key in [*keys, *words] if not re.search(rf"(?<![\w.-]){re.escape(key)}(?![\w-])", inside)]


def _words(kind: Any) -> Iterator[str]:
    for part in get_args(kind):
        if isinstance(part, str):
            yield part
        yield from _words(part)
