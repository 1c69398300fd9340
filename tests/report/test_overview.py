"""Many runs together, in every format: the same numbers, and what agents wrote as text."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import Any

import pytest
from told_run import Page, read
from told_verdict import HOSTILE, evaluation, hostile_verdict, step, verdict

from practicum.errors import MissingExtraError
from practicum.report.markdown import cell, code, markdown
from practicum.report.overview import Names, Overview, overview
from practicum.report.overview_page import overview_page
from practicum.report.pdf import pdf
from practicum.scenarios.suite import row_of
from practicum.scenarios.verdict import Verdict


def told(*verdicts: Verdict, title: str = "") -> Overview:
    found = {item.run: item for item in verdicts}
    return overview([row_of(item, item.run) for item in verdicts], found, title)


def runs() -> Overview:
    """Two models, four trials each: 4 of 4, and 1 of 3 with one broken."""
    made = []
    ends = {"a/good": ["passed"] * 4, "b/bad": ["passed", "failed", "failed", "infrastructure"]}
    for model, outcomes in ends.items():
        for trial, outcome in enumerate(outcomes, 1):
            seen = "passed" if outcome == "passed" else "failed"
            agent = {"role": "r", "model": model, "input_tokens": 100, "cost_usd": 0.25}
            made.append(
                verdict(
                    evaluation("file_exists", seen, step=0), evaluation("polite", counts=False),
                    run=f"01{model[0].upper()}{trial}", outcome=outcome, reason="" if seen == "passed" else "no file",
                    parameters={"character.model": model}, trial=trial, agents={"agent": agent},
                )
            )  # fmt: skip
    return told(*made)


def page(found: Overview, links: dict[str, str] | None = None) -> Page:
    return read(overview_page(found, links))


def text_of(document: bytes) -> str:
    pdfium = pytest.importorskip("pypdfium2")
    opened = pdfium.PdfDocument(io.BytesIO(document))
    pages = (opened[number].get_textpage().get_text_range() for number in range(len(opened)))
    return " ".join(" ".join(pages).split())


def test_the_rate_leaves_out_what_says_nothing_about_the_team() -> None:
    found = runs()
    assert (found.summary.overall.outcomes.passed, found.summary.overall.outcomes.counted) == (5, 7)
    for text in (page(found).text, markdown(found), text_of(pdf(found))):
        assert "5 of 7 passed, 71%" in text
        assert "1 infrastructure" in text
        assert "1 of 3" in text  # b/bad
        assert "4 of 4" in text


def test_evaluations_that_fail_most_come_first_and_weak_ones_are_no_passes() -> None:
    first, second = runs().evaluations
    assert (first.evaluator, first.step, first.passed, first.failed) == ("file_exists", 0, 5, 3)
    assert (second.evaluator, second.passed, second.weak) == ("polite", 0, 8)


def test_the_page_has_its_plots_and_links_to_the_runs() -> None:
    found = runs()
    made = page(found, {"01A1": "../runs/01A1/report.html"})
    assert len(made.all("svg")) == 6  # every run, by case, by parameter, trials, durations, cost
    assert {"../runs/01A1/report.html"} == made.links
    for heading in (
        "Every run",
        "Success by case",
        "Success by character.model",
        "With more trials",
        "Durations",
        "Cost",
    ):
        assert heading in made.text
    assert [name for name, _ in made.tags if name in ("script", "img", "link")] == []


def test_data_holds_everything_and_can_be_read_back() -> None:
    found = runs()
    data: dict[str, Any] = json.loads(found.data())
    assert len(data["rows"]) == 8
    assert data["summary"]["overall"]["rate"] == pytest.approx(5 / 7)
    assert "verdicts" not in data
    assert Overview.model_validate(data).summary == found.summary
    [only] = json.loads(told(verdict(evaluation("e"))).data())["verdicts"].values()
    assert only["evaluations"][0]["evaluator"] == "e"


def test_names_leave_out_what_all_cases_share() -> None:
    rows = runs().rows
    assert Names(rows)(rows[0]) == "model=a/good"
    other = row_of(verdict(scenario="other"), "x")
    both = Names([*rows, other])
    assert (both(rows[0]), both(other)) == ("small: model=a/good", "other")
    twice = row_of(verdict(parameters={"a.model": "x", "b.model": "y"}), "x")
    assert Names([twice])(twice) == "a.model=x, b.model=y"
    file = row_of(verdict(parameters={'setup.virtual_fs["src/app.py"]': "x", "run[0].input": "y"}), "x")
    assert Names([file])(file) == "src/app.py=x, input=y"


def test_markdown_of_one_run_tells_its_evaluations() -> None:
    failed = verdict(
        evaluation("tests_pass", "failed", step=0), outcome="failed", reason="tests_pass", steps=[step(name="build")]
    )
    text = markdown(told(failed))
    assert "### ❌ `small`: failed" in text
    assert '| `tests_pass` | `step 1 "build"` | failed | `tests_pass seen` |' in text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("a", "`a`"), ("`a", "`` `a ``"), ("a``b", "```a``b```"), ("a\n# b", "`a # b`"), ("", "` `"),
     ("\x1b[31m", "`\\x1b[31m`")],
)  # fmt: skip
def test_a_code_span_holds_any_text(text: str, wanted: str) -> None:
    assert code(text) == wanted


def test_a_bar_does_not_end_a_cell() -> None:
    assert cell("a|b") == "`a\\|b`"


def test_hostile_text_stays_text_in_page_and_markdown() -> None:
    hostile = hostile_verdict()
    found = told(hostile, hostile.model_copy(update={"run": "01OTHER"}), title=HOSTILE)
    made = page(found)
    names = {name for name, _ in made.tags}
    assert not names & {"img", "script", "iframe", "object", "embed", "form", "base", "link", "foreignobject"}
    assert [attribute for _, attributes in made.tags for attribute in attributes if attribute.startswith("on")] == []
    assert "<img src=x onerror=alert(1)>" in made.text
    for text in (made.html, markdown(found), markdown(told(hostile))):
        assert not {letter for letter in text if (ord(letter) < 32 and letter != "\n") or letter in "\u202e\u200b"}
    outside = re.sub(r"(`+)(?:(?!\1).)+?\1(?!`)", "", markdown(found))
    assert "<img" not in outside
    assert "@everyone" not in outside
    assert "**b**" not in outside


def test_the_document_holds_its_plots_and_any_text() -> None:
    pdfium = pytest.importorskip("pypdfium2")
    document = pdf(runs())
    assert document.startswith(b"%PDF-")
    opened = pdfium.PdfDocument(io.BytesIO(document))
    shown = opened[0].render(scale=1).to_pil().convert("RGB")
    colours = {colour for _, colour in shown.getcolors(1_000_000)}
    assert {(26, 127, 75), (179, 38, 30), (154, 103, 0)} <= colours  # squares that passed, failed, say nothing
    text = text_of(pdf(told(hostile_verdict())))
    assert "onerror=alert(1)" in text
    assert "\\x1b[31mred" in text
    assert "\\u202e" in text


def test_letters_that_no_font_has_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = verdict(evaluation("e", summary="naïve 😀 中"))
    assert "\\u4e2d" in text_of(pdf(told(asked)))
    monkeypatch.setattr("practicum.report.pdf.sheet._FOLDERS", ())  # a machine without DejaVu
    text = text_of(pdf(told(asked)))
    assert "naïve" in text
    assert "\\U0001f600 \\u4e2d" in text


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fpdf", None)
    with pytest.raises(MissingExtraError, match="the extra 'pdf'") as caught:
        pdf(runs())
    assert "practicum[pdf]" in caught.value.hint


def test_hundreds_of_runs_are_told_quickly() -> None:
    many = [
        verdict(evaluation("e", outcome), run=f"R{n}", outcome=outcome, trial=n // 20 + 1, parameters={"a": n % 20})
        for n in range(400)
        for outcome in ["passed" if n % 3 else "failed"]
    ]
    found = told(*many)
    assert len(overview_page(found)) < 1_000_000
    assert len(markdown(found)) < 65_536
