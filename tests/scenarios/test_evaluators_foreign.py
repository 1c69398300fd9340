"""An evaluator of somebody else's package: found by its entry point, imported only when a scenario asks for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluated_run import EvaluatedRun
from pydantic import ValidationError

from practicum.errors import UsageError
from practicum.scenarios.evaluators import REGISTRY, BaseEvaluator, read_evaluator

_MODULE = '''
from practicum.api.evaluator import Evidence, Finding
from practicum.scenarios.evaluators import BaseEvaluator


class Polite(BaseEvaluator, type="polite", kind="text"):
    """The agents said please."""

    word: str = "please"

    async def evaluate(self, evidence: Evidence) -> Finding:
        text = evidence.scope.text if evidence.scope else ""
        return Finding(self.word in text, f"looked for {self.word}")


class Hidden(BaseEvaluator, type="hidden"):
    """Defined beside it."""
'''

_POINTS = """
[practicum.evaluators]
polite = manners_for_practicum:Polite
broken = manners_for_practicum.nowhere:Polite
mistaken = manners_for_practicum:Hidden
nonsense = manners_for_practicum:Evidence
"""


@pytest.fixture
def manners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package is installed."""
    known = dict(REGISTRY)
    folder = tmp_path / "site-packages"
    info = folder / "manners_for_practicum-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "manners_for_practicum.py").write_text(_MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: manners-for-practicum\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_POINTS)
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    sys.modules.pop("manners_for_practicum", None)
    REGISTRY.clear()
    REGISTRY.update(known)


async def test_a_strangers_evaluator_is_used_like_ours(team_run: EvaluatedRun, manners: Path) -> None:
    team_run.step("input", text="tea, please")
    assert "manners_for_practicum" not in sys.modules
    read_evaluator({"type": "string_contains", "value": "x"})
    assert "manners_for_practicum" not in sys.modules, "nobody asked for it"
    found = await team_run.look("polite")
    assert (found.passed, found.summary) == (True, "looked for please")
    with pytest.raises(ValidationError, match="extra"):
        read_evaluator({"type": "polite", "wrd": "x"})


def test_it_is_among_the_known_ones_when_a_name_is_wrong(manners: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_evaluator({"type": "polit"})
    assert 'did you mean "polite"?' in caught.value.hint


@pytest.mark.parametrize(
    ("type", "says"),
    [
        ("broken", "of manners-for-practicum cannot be imported: ModuleNotFoundError"),
        ("mistaken", "of manners-for-practicum is no evaluator of that type"),
        ("nonsense", "of manners-for-practicum is no evaluator of that type"),
    ],
)
def test_one_that_cannot_be_used_is_told_with_its_package(manners: Path, type: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_evaluator({"type": type})


def test_no_class_takes_the_place_of_another() -> None:
    with pytest.raises(TypeError, match="'string_contains' exists already"):

        class Mine(BaseEvaluator, type="string_contains"):
            """Passes always."""


@pytest.mark.parametrize("type", [None, 5, ["string_contains"], {"a": 1}, ""])
def test_a_type_that_is_no_text_is_unknown(type: object) -> None:
    with pytest.raises(UsageError, match="unknown evaluator"):
        read_evaluator({"type": type})
