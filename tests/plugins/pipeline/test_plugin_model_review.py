"""A review by a model: its answers in every form, and no answer."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from plugin_samples import specification

from practicum.api.model import ModelRequest, ModelTurn, ModelUsage
from practicum.errors import ModelError
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.review.model import read_review, review_by_model

REVIEW = (
    '{"score": 8, "production_ready": true, "issues": [{"severity": "warning", "file": "a.py", "line": 3, '
    '"message": "slow"}], "suggestions": ["cache it"]}'
)


class Reviewer:
    """A model that gives one answer, and keeps what it was asked."""

    name = "script/reviewer"

    def __init__(self, text: str | None) -> None:
        self.text, self.asked = text, ""

    async def respond(self, request: ModelRequest) -> ModelTurn:
        self.asked = "".join(message.text for message in request.messages if message.role == "user")
        if self.text is None:
            raise ModelError("no answer")
        return ModelTurn(self.text, usage=ModelUsage(input_tokens=7, output_tokens=3, cost_usd=0.01))

    async def close(self) -> None:
        return


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    (tmp_path / "a.py").write_text("X = 1\n")
    return Snapshot(tmp_path, {"a.py": hashlib.sha256(b"X = 1\n").hexdigest()}, ())


@pytest.mark.parametrize(
    "text",
    [
        REVIEW,
        f"```json\n{REVIEW}\n```",
        f"Here you are:\n\n```\n{REVIEW}\n```\nGood luck {{with}} it!",
        f"{{not json}} {REVIEW}",
        REVIEW.replace('"cache it"]', '"cache it",]').replace('"slow"}', '"slow",}'),
        REVIEW.replace("8,", '"8/10",').replace("true", '"yes"'),
    ],
)
def test_a_review_is_read_in_every_form(text: str) -> None:
    review = read_review(text)
    assert review is not None
    assert (review.score, review.production_ready, review.suggestions) == (8, True, ("cache it",))
    [issue] = review.issues
    assert (issue.file, issue.line, issue.message, issue.severity) == ("a.py", 3, "slow", "warning")


@pytest.mark.parametrize("text", ["", "looks good to me", "{}", '{"score": "high"}', "[1, 2]", "{" * 2000])
def test_what_is_no_review_is_none(text: str) -> None:
    assert read_review(text) is None


async def test_without_a_model_it_is_skipped_and_without_an_answer_not_checked(snapshot: Snapshot) -> None:
    assert (await review_by_model(None, snapshot, specification())).status == "skipped"
    for model in (Reviewer(None), Reviewer("fine")):
        assert (await review_by_model(model, snapshot, specification())).status == "not_checked"


async def test_a_good_review_passes_and_a_bad_one_fails_with_its_issues(snapshot: Snapshot) -> None:
    model = Reviewer(REVIEW)
    good = await review_by_model(model, snapshot, specification())
    assert good.status == "passed"
    assert good.facts["score"] == 8
    assert good.facts["cost_usd"] == 0.01
    assert "X = 1" in model.asked
    assert "to_fahrenheit" in model.asked
    bad = await review_by_model(
        Reviewer(REVIEW.replace("true", "false").replace("warning", "error")), snapshot, specification()
    )
    assert bad.status == "failed"
    assert [one.message for one in bad.problems] == ["slow"]
    low = await review_by_model(Reviewer('{"score": 2, "production_ready": true}'), snapshot, specification())
    assert low.status == "failed"
    assert "2 of 10" in low.problems[0].message
