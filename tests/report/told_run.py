"""A trajectory and its verdict, and the page as a browser would take it apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from practicum.bus.event import make_event
from practicum.bus.events import Data
from practicum.report.page import render
from practicum.scenarios.judgment import Evaluated
from practicum.scenarios.verdict import AgentUse, Verdict
from practicum.trajectory.reader import Recorded

BEGIN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class _At:
    def __init__(self, second: float) -> None:
        self.second = second

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.second)

    def monotonic(self) -> float:
        return self.second


class ToldRun:
    """Events at given seconds."""

    def __init__(self, *team: str) -> None:
        self.team = list(team) or ["lead", "dev"]
        self.recorded: list[Recorded] = []
        self.verdict: dict[str, Any] = {
            "run": "01TEST", "scenario": "small", "outcome": "passed", "reason": "", "started": BEGIN, "seconds": 9.0,
            "team": "oracle", "agents": {name: AgentUse(role="r", model="script/x") for name in self.team},
            "services": {}, "isolation": {}, "agents_isolation": {}, "evaluations": [],
        }  # fmt: skip

    def at(self, second: float, source: str, data: Data) -> int:
        """Record an event; its number."""
        seq = len(self.recorded) + 1
        self.recorded.append(Recorded(seq, make_event(data, run="01TEST", source=source, clock=_At(second))))
        return seq

    def judged(self, *evaluations: dict[str, Any]) -> None:
        made = [{"index": at, "evaluator": "e", "kind": "effect", "outcome": "passed", "summary": "", **item}
                for at, item in enumerate(evaluations)]  # fmt: skip
        self.verdict["evaluations"] = [Evaluated.model_validate(item) for item in made]

    def html(self) -> str:
        verdict = Verdict.model_validate({**self.verdict, "events": len(self.recorded)})
        return render(verdict, self.recorded)

    def page(self) -> Page:
        return read(self.html())


@dataclass
class Page:
    """What a browser finds."""

    html: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of every element of a kind; `class_` is the class."""
        keys = {key.rstrip("_"): value for key, value in wanted.items()}
        return [found for name, found in self.tags if name == tag and keys.items() <= found.items()]

    @property
    def ids(self) -> set[str]:
        return {found["id"] for _, found in self.tags if "id" in found}

    @property
    def links(self) -> set[str]:
        return {found["href"] for _, found in self.tags if "href" in found}


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.page.text += data


def read(html: str) -> Page:
    page = Page(html)
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    return page
