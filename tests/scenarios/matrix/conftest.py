"""A base scenario and a way to write matrix files beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

BASE = """\
name: base
run:
  - input: List the open issues
    evaluations:
      - {type: string_contains, value: number one}
  - {code: "echo hello", lang: bash}
character: {name: Ada, llm: {model: gpt-4}}
environment: {type: local, env: {LEVEL: low}}
plugins:
  - one
  - {name: two, config: {apiKey: none, retries: 3}}
setup:
  virtual_fs: {"src/app.py": "x = 1"}
  mocks:
    - {service: github, method: list, response: {issues: [1, 2], ok: true}}
    - {service: github, method: get, responseFn: "return {ok: true}"}
judgment: all_pass
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes `base.scenario.yaml` and a matrix file with the given `matrix` beside it."""
    (tmp_path / "base.scenario.yaml").write_text(BASE)

    def made(matrix: str, head: str = "name: m\nbase_scenario: base\n") -> Path:
        path = tmp_path / "m.matrix.yaml"
        path.write_text(f"{head}{matrix}")
        return path

    return made
