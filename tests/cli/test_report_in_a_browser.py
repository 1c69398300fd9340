"""The report as a reader opens it: from a file, with a real browser, without a network."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from practicum_command import MINI, Practicum, Run

sys.path.append(str(Path(__file__).parents[1] / "report"))

from told_verdict import agent_use, evaluation, hostile_verdict, verdict

from practicum.report.overview import overview as make_overview
from practicum.report.overview_page import overview_page
from practicum.report.page import render
from practicum.scenarios.suite import row_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]


@dataclass
class Seen:
    """What a page did besides being shown."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium (apt install chromium), or leave these tests out with -m 'not browser'"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=120_000)
        yield found
        found.close()


@pytest.fixture(scope="module")
def messy_report(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("messy-report")
    command = Practicum(folder / "home", folder)
    command("run", str(MINI), "--team", "messy")
    return command.last()


def opened(browser: Browser, run: Run | Path, *, width: int = 1280, scheme: str = "light") -> tuple[Page, Seen]:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    seen = Seen()
    page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("dialog", lambda dialog: (seen.errors.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.goto((run if isinstance(run, Path) else run.path / "report.html").as_uri())
    return page, seen


def test_it_opens_from_a_file_without_error_or_network(browser: Browser, oracle_run: Run) -> None:
    page, seen = opened(browser, oracle_run)
    assert seen.errors == []
    assert seen.requests == [(oracle_run.path / "report.html").as_uri()]
    text = page.inner_text("body")
    assert "passed" in text.lower()
    assert "pull_request_merged" in text
    for agent in ("lead", "dev", "ops"):
        assert agent in text


def test_the_lanes_have_a_row_for_each_agent_and_bars(browser: Browser, oracle_run: Run) -> None:
    page, _ = opened(browser, oracle_run)
    svg = page.locator("svg").first
    assert svg.bounding_box()["width"] > 300  # type: ignore[index]
    assert svg.locator("rect").count() >= 3
    written = " ".join(svg.locator("text").all_text_contents())
    for agent in ("lead", "dev", "ops"):
        assert agent in written


def test_light_and_dark_differ_and_both_can_be_read(browser: Browser, oracle_run: Run) -> None:
    def colours(scheme: str) -> tuple[str, str]:
        page, _ = opened(browser, oracle_run, scheme=scheme)
        style = "getComputedStyle(document.body)"
        return page.evaluate(f"{style}.backgroundColor"), page.evaluate(f"{style}.color")

    light, dark = colours("light"), colours("dark")
    assert light != dark
    for background, ink in (light, dark):
        assert abs(brightness(background) - brightness(ink)) > 100


def brightness(colour: str) -> float:
    parts = [float(part) for part in colour.strip("rgba()").split(",")[:3]]
    return sum(parts) / 3


@pytest.mark.parametrize("width", [360, 768])
def test_on_a_phone_the_page_does_not_scroll_sideways(browser: Browser, oracle_run: Run, width: int) -> None:
    page, _ = opened(browser, oracle_run, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_agents_wrote_is_text_and_no_element(browser: Browser, messy_report: Run) -> None:
    page, seen = opened(browser, messy_report)
    assert seen.errors == []
    assert page.locator("img").count() == 0
    assert page.locator("b", has_text="bold").count() == 0
    assert page.evaluate("document.querySelectorAll('[onerror]').length") == 0
    assert "onerror=alert(1)" in page.inner_text("body")


@pytest.fixture(scope="module")
def overview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of many runs, with hostile names."""
    bad = "</script><img src=x onerror=alert(1)>\x1b[31m\u202e"
    verdicts = [
        verdict(
            evaluation("tests_pass"), run=f"01R{number}", outcome=outcome, trial=number, reason=bad,
            parameters={"model": bad if number % 2 else "b"}, seconds=number, agents={"a": agent_use()},
        )
        for number, outcome in enumerate(["passed", "failed", "infrastructure", "passed"] * 3, 1)
    ]  # fmt: skip
    found = {item.run: item for item in verdicts}
    page = tmp_path_factory.mktemp("overview") / "report.html"
    rows = [row_of(item, item.run) for item in verdicts]
    page.write_text(overview_page(make_overview(rows, found), {"01R1": "runs/01R1/report.html"}))
    return page


@pytest.fixture(scope="module")
def code_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run of code and a conversation, with hostile text everywhere."""
    page = tmp_path_factory.mktemp("code") / "report.html"
    page.write_text(render(hostile_verdict(), []))
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_are_seen(browser: Browser, overview: Path, scheme: str) -> None:
    page, seen = opened(browser, overview, scheme=scheme)
    assert seen.errors == []
    assert seen.requests == [overview.as_uri()]
    plots = page.locator("svg.plot")
    assert plots.count() == 6
    background = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
    for number in range(plots.count()):
        box = plots.nth(number).bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 30
        shapes = plots.nth(number).locator("rect, polyline")
        assert shapes.count() > 0
        assert any(size["width"] > 3 and size["height"] > 3 for size in map(box_of, shapes.all()))
        fills = set(shapes.evaluate_all("all => all.map(one => getComputedStyle(one).fill)"))
        assert fills - {"none", background, "rgb(0, 0, 0)"}  # the style sheet has a colour for them
    for word in ("6 of 9 passed", "3 infrastructure", "Success by model"):
        assert word in page.inner_text("body")


def box_of(locator: Locator) -> dict[str, float]:
    return cast(dict[str, float], locator.bounding_box() or {"width": 0, "height": 0})


@pytest.mark.parametrize("name", ["overview", "code_page"])
def test_hostile_text_is_text_in_every_page(browser: Browser, name: str, request: pytest.FixtureRequest) -> None:
    page, seen = opened(browser, request.getfixturevalue(name))
    assert seen.errors == []
    assert page.locator("img, script, iframe").count() == 0
    assert page.evaluate("[...document.querySelectorAll('*')].filter(e => e.onerror || e.onload).length") == 0
    text = page.evaluate("document.body.textContent")
    assert "onerror=alert(1)" in text
    assert not {"\x1b", "\u202e"} & set(text)


@pytest.mark.parametrize("name", ["overview", "code_page"])
@pytest.mark.parametrize("width", [360, 768])
def test_pages_of_many_runs_and_of_code_fit_a_phone(
    browser: Browser, name: str, width: int, request: pytest.FixtureRequest
) -> None:
    page, _ = opened(browser, request.getfixturevalue(name), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_folded_opens_and_prints(browser: Browser, code_page: Path) -> None:
    page, _ = opened(browser, code_page)
    fold = page.locator("table.evaluations details").first
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert fold.locator("pre").is_visible()
    page.emulate_media(media="print")
    assert page.locator("table.evaluations details").nth(1).locator("pre").bounding_box()["height"] > 5  # type: ignore[index]


def test_every_link_inside_the_page_leads_somewhere(browser: Browser, oracle_run: Run) -> None:
    page, _ = opened(browser, oracle_run)
    broken = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
        ".filter(href => href.length > 1 && !document.getElementById(href.slice(1)))"
    )
    assert broken == []
