"""The report as a reader opens it: from a file, with a real browser, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from practicum_command import MINI, Practicum, Run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]


@dataclass
class Seen:
    """What a page did besides being shown."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium (apt install chromium), or leave these tests out with -m 'not browser'"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def messy_report(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("messy-report")
    command = Practicum(folder / "home", folder)
    command("run", str(MINI), "--team", "messy")
    return command.last()


def opened(browser: Browser, run: Run, *, width: int = 1280, scheme: str = "light") -> tuple[Page, Seen]:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    seen = Seen()
    page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("dialog", lambda dialog: (seen.errors.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.goto((run.path / "report.html").as_uri())
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


def test_every_link_inside_the_page_leads_somewhere(browser: Browser, oracle_run: Run) -> None:
    page, _ = opened(browser, oracle_run)
    broken = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
        ".filter(href => href.length > 1 && !document.getElementById(href.slice(1)))"
    )
    assert broken == []
