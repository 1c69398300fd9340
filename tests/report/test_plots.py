"""Plots: the shapes say the numbers, and every text in them is escaped."""

from __future__ import annotations

import pytest
from told_run import read
from told_verdict import HOSTILE

from practicum.report.amounts import seconds
from practicum.report.plots import Bar, Box, Cell, Drawing, Stroke, Words, curve, rates, spread, strip, svg
from practicum.report.plots.drawing import round_steps


def boxes(drawing: Drawing, role: str) -> list[Box]:
    return [shape for shape in drawing.shapes if isinstance(shape, Box) and shape.role == role]


def words(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.shapes if isinstance(shape, Words)]


def test_a_rate_is_as_long_as_it_says_and_has_its_interval() -> None:
    drawing = rates([Bar("half", 5, 10, 0.24, 0.76), Bar("none", 0, 4, 0, 0.5), Bar("unknown", 0, 0, 0, 1)], "rates")
    [whole, *_] = boxes(drawing, "line")
    [half] = boxes(drawing, "good")  # nothing passed: no bar
    assert half.width == pytest.approx(whole.width / 2)
    whiskers = [
        shape for shape in drawing.shapes if isinstance(shape, Stroke) and shape.role == "ink" and shape.y1 == shape.y2
    ]
    assert whiskers[0].x1 == pytest.approx(whole.x + whole.width * 0.24)
    assert whiskers[0].x2 == pytest.approx(whole.x + whole.width * 0.76)
    assert "5 of 10: 50%, 24% to 76%" in words(drawing)
    assert "no run counts" in words(drawing)


def test_a_long_name_leaves_its_end_out_and_fits_its_place() -> None:
    name = "MODE=" + "M" * 40
    for drawing in (rates([Bar(name, 1, 2, 0, 1)], "rates"), strip({name: [Cell("passed", "a")]}, "outcomes")):
        [label] = [word for word in words(drawing) if word.startswith("MODE=")]
        assert (len(label), label[-1]) == (34, "…")


def test_a_histogram_holds_every_value_once() -> None:
    values = [(0.0, "passed"), (0.4, "failed"), (9.99, "limit"), (10.0, "passed"), (3.0, "passed")]
    drawing = spread(values, "durations", lambda value: f"{value:g} s")
    tips = [box.tip for role in ("good", "bad", "warn") for box in boxes(drawing, role) if box.tip]
    assert sum(int(tip.split(": ")[1].split()[0]) for tip in tips) == len(values)
    assert {"passed", "failed", "other"} <= set(words(drawing))
    assert boxes(spread([], "nothing", str), "good") == []
    assert boxes(spread([(0.0, "passed")] * 3, "all alike", str), "good")[0].tip.endswith("3 passed")


@pytest.mark.parametrize("longest", [0.004, 0.03, 0.4, 7.0, 50.0, 400.0])
def test_the_axis_of_durations_says_nothing_twice(longest: float) -> None:
    drawing = spread([(longest * part / 10, "passed") for part in range(11)], "durations", seconds)
    named = [word for word in words(drawing) if word.endswith((" s", " ms"))]
    assert len(named) > 3
    assert len(set(named)) == len(named)


def test_every_run_is_a_square_with_its_outcome() -> None:
    cells = [Cell("passed", "a", "runs/a.html"), Cell("failed", "b"), Cell("infrastructure", "c")] * 30
    drawing = strip({"one": cells, "two": cells[:2]}, "outcomes")
    assert [len(boxes(drawing, role)) for role in ("good", "bad", "warn")] == [31, 31, 30]
    lowest = max(shape.y + shape.height for shape in drawing.shapes if isinstance(shape, Box))
    assert lowest <= drawing.height
    rightmost = max(shape.x + shape.width for shape in drawing.shapes if isinstance(shape, Box))
    assert rightmost <= drawing.width


def test_chances_are_drawn_within_the_plot() -> None:
    drawing = curve([(1, 0.5, 0.5), (2, 0.75, 0.25), (8, 1, 0)], "chances")
    assert all(0 <= shape.y <= drawing.height for shape in drawing.shapes if isinstance(shape, Box))
    assert "k = 8: 100.0%" in [box.tip for box in boxes(drawing, "good")]


@pytest.mark.parametrize(("most", "step"), [(10, 2), (1, 0.2), (0.03, 0.01), (47, 10), (0, 1), (1e9, 2e8)])
def test_steps_of_an_axis_are_round(most: float, step: float) -> None:
    assert round_steps(most) == pytest.approx(step)


def test_svg_escapes_what_it_is_given() -> None:
    drawing = strip({HOSTILE: [Cell("passed", HOSTILE, 'javascript:alert(1)"><img src=x>')]}, HOSTILE)
    page = read(svg(drawing))
    assert {name for name, _ in page.tags} == {"svg", "text", "a", "rect", "title"}
    assert "<img src=x onerror=alert(1)>" in page.text
    assert not {letter for letter in svg(drawing) if ord(letter) < 32 or letter in "\u202e\u200b"}
