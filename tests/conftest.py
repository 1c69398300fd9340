"""The command as a user has it: in a home of its own, without anybody's keys in the shell."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# All helpers at once and before any is imported: a folder may use those of another.
pytest.register_assert_rewrite(
    "practicum_command",
    "conformance",
    "e2e_kit",
    "evaluated_run",
    "github_team",
    "nats_team",
    "outside_kit",
    "processes",
    "told_run",
    "told_verdict",
    "world_launching",
)

from practicum_command import MINI, Practicum, Run  # noqa: E402 - found through the line above


@pytest.fixture
def practicum(tmp_path: Path) -> Practicum:
    return Practicum(tmp_path / "home", tmp_path)


@pytest.fixture(scope="session")
def oracle_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One finished run of the small scenario, for tests that only look at it. Copy before you change it."""
    folder = tmp_path_factory.mktemp("oracle")
    command = Practicum(folder / "home", folder)
    done = command("run", str(MINI))
    assert done.returncode == 0, done.stdout + done.stderr
    return command.last(done)
