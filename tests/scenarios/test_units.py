"""Amounts as people write them."""

from __future__ import annotations

import pytest

from practicum.scenarios.units import dollars, seconds


@pytest.mark.parametrize(
    ("written", "meant"),
    [(90, 90), ("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("250ms", 0.25), (" 2 d ", 172_800), (0.5, 0.5)],
)
def test_a_time(written: object, meant: float) -> None:
    assert seconds(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        0,
        -1,
        "0s",
        "soon",
        "10 minutes",
        "",
        "1m30s",
        None,
        True,
        [],
        float("nan"),
        float("inf"),
        10**400,
        "1" * 400,
        "m",
    ],
)
def test_no_time(written: object) -> None:
    with pytest.raises(ValueError):
        seconds(written)


@pytest.mark.parametrize(("written", "meant"), [("$5", 5), (5, 5), ("0.50", 0.5), ("$0", 0), (" $1.25 ", 1.25)])
def test_dollars(written: object, meant: float) -> None:
    assert dollars(written) == meant


@pytest.mark.parametrize(
    "written",
    ["5 Euro", "-1", "$", "", None, True, "nan", "inf", float("nan"), 10**400, pytest.param(16**9000, id="endless")],
)
def test_no_dollars(written: object) -> None:
    with pytest.raises(ValueError):
        dollars(written)
