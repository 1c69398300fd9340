"""Shortlink itself: every stage that the agents commit works, but for the two defects that are there on purpose."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

GROUND = ("skeleton", "ci")
FEATURES = (*GROUND, "issue-shorten", "issue-store", "issue-chosen", "rework-shorten")
ALL = (*FEATURES, "quality", "documentation", "defect", "fix")


@pytest.mark.parametrize(
    "stages",
    [
        ("skeleton",),
        ("ci",),
        GROUND,
        (*GROUND, "issue-shorten"),
        (*GROUND, "issue-shorten", "rework-shorten"),
        (*GROUND, "issue-store"),
        (*GROUND, "issue-chosen"),
        FEATURES,
        (*FEATURES, "untested"),
        ALL,
    ],
    ids="+".join,
)
def test_the_tests_of_each_branch_pass(build: Any, stages: tuple[str, ...]) -> None:
    done = build(*stages).tests()
    assert done.returncode == 0, done.stderr
    assert "Ran 0 tests" not in done.stderr


def test_the_testers_test_fails_before_the_fix_and_passes_after_it(build: Any) -> None:
    before = build(*FEATURES, "defect").tests()
    assert before.returncode == 1
    assert "test_a_code_that_was_given_can_be_followed" in before.stderr
    assert "code='health'" in before.stderr
    assert build(*FEATURES, "defect", "fix").tests().returncode == 0


def test_what_the_review_tries_shows_the_loop_and_then_its_absence(build: Any, oracle: Any) -> None:
    def tried(*stages: str) -> str:
        done = subprocess.run(
            ["bash", "-c", oracle["lead"]._TRY_LOOP], cwd=build(*stages).path, capture_output=True, text=True,
            timeout=50, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    assert tried(*GROUND, "issue-shorten") == "own address: 201"
    assert tried(*GROUND, "issue-shorten", "rework-shorten") == "own address: 400"


def test_there_are_enough_tests_and_they_execute_the_package(build: Any) -> None:
    done = build(*ALL).python("tools/coverage.py", "shortlink")
    assert done.returncode == 0, done.stderr
    total = re.search(r"\| \*\*all\*\* \| (\d+) \| (\d+) \| (\d+) %", done.stdout)
    assert total is not None
    assert int(total[3]) >= 95
    ran = re.search(r"^(\d+) tests, 0 failed$", done.stdout, re.MULTILINE)
    assert ran is not None
    assert int(ran[1]) >= 40


def test_the_measuring_tool_fails_with_the_tests(build: Any) -> None:
    done = build(*FEATURES, "quality", "defect").python("tools/coverage.py", "shortlink")
    assert done.returncode == 1
    assert ", 1 failed" in done.stdout


class Running:
    """The product, started as its Procfile says."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = (folder / "Procfile").read_text().removeprefix("web: python3 ").replace("$PORT", "0").split()
        self._process = subprocess.Popen(
            [sys.executable, *command, *options],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            # A shell's background job, as a test run may be, ignores Ctrl-C and passes that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().split()[-1]

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=40)
        assert self._process.returncode == 0

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any], str]:
        """Status, body, Location; redirects are not followed."""
        data = json.dumps(body).encode() if body is not None else None
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            answer = opener.open(urllib.request.Request(self.address + path, data, method=method), timeout=40)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, json.loads(answer.read()), answer.headers.get("Location", "")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *given: Any) -> None:
        return None


def test_the_product_does_what_its_documentation_says(build: Any, tmp_path: Path) -> None:
    folder, store = build(*ALL).path, str(tmp_path / "links.jsonl")
    with Running(folder, "--store", store) as service:
        assert service.ask("GET", "/health")[:2] == (200, {"status": "ok", "version": "1.0.0"})
        status, made, _ = service.ask("POST", "/links", {"url": "https://example.com/long"})
        assert (status, made["short"]) == (201, f"/{made['code']}")
        assert service.ask("PUT", "/links/talk", {"url": "https://example.com/talk"})[0] == 201
        assert service.ask("PUT", "/links/talk", {"url": "https://example.com/other"})[0] == 409
        assert service.ask("PUT", "/links/health", {"url": "https://example.com/talk"})[0] == 409
        assert service.ask("POST", "/links", {"url": f"{service.address}/talk"})[0] == 400
    with Running(folder, "--store", store) as service:
        status, _, location = service.ask("GET", "/talk")
        assert (status, location) == (302, "https://example.com/talk")
        stats = service.ask("GET", "/links/talk/stats")[1]
        assert {"code", "url", "followed", "made"} == set(stats)
        assert stats["followed"] == 1
        assert service.ask("GET", "/nowhere")[0] == 404
