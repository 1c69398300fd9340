"""Runs `practicum` as a subprocess and reads what it leaves on disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practicum.trajectory.reader import Recorded, Trajectory

MINI = Path(__file__).parent / "runtime" / "mini"
"""A scenario of three agents that takes a few seconds."""

COMMAND = str(Path(sys.executable).with_name("practicum"))


@dataclass(frozen=True)
class Run:
    """A run's folder, and what the command that made it said."""

    path: Path
    stdout: str = ""
    stderr: str = ""

    @property
    def id(self) -> str:
        return self.path.name

    def events(self) -> list[Recorded]:
        return Trajectory(self.path).events()

    def of(self, *types: str) -> list[Any]:
        """The data of all events of some types."""
        return [item.event.body for item in self.events() if item.event.type in types]

    def verdict(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.path / "verdict.json").read_text())
        return value

    def pids(self) -> dict[str, int]:
        """Process to pid, as the run itself recorded them."""
        return {body.name: body.pid for body in self.of("process.started")}


@dataclass
class Practicum:
    """The command with a home (`PRACTICUM_HOME`) and a working folder of its own."""

    home: Path
    cwd: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """A shell without anybody's keys."""
        kept = ("PATH", "LANG", "TMPDIR", "PRACTICUM_SANDBOX_ALLOW_UNSAFE")
        base = {name: os.environ[name] for name in kept if name in os.environ}
        return {**base, "HOME": str(self.cwd), "PRACTICUM_HOME": str(self.home), **self.extra}

    def __call__(
        self, *arguments: str, timeout: float = 170, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments], cwd=self.cwd, env={**self.environment, **(env or {})}, timeout=timeout,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start and go on; use it as a context manager."""
        settings: dict[str, Any] = {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options
        }  # fmt: skip
        return subprocess.Popen([COMMAND, *arguments], cwd=self.cwd, env=self.environment, **settings)

    def runs(self) -> list[dict[str, Any]]:
        """What `practicum runs --json` says."""
        done = self("runs", "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def folders(self) -> list[Path]:
        """The folders of all runs, oldest first."""
        runs = self.home / "runs"
        return sorted(runs.iterdir()) if runs.is_dir() else []

    def last(self, done: subprocess.CompletedProcess[str] | None = None) -> Run:
        """The newest run."""
        folder = self.folders()[-1]
        return Run(folder, done.stdout if done else "", done.stderr if done else "")


def copy_scenario(target: Path, source: Path = MINI) -> Path:
    """A scenario's folder that a test may change."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target
