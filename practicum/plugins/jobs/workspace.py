"""A job's folder: the plugin's files as the toolchain sees them, and what each iteration was.

source/                 the plugin; emptied and written anew in every iteration
iterations/N/           files.json, prompt.md, answer.md, failure.md, report.json
artifact/               the wheel or bundle of the iteration that passed
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from practicum.plugins.answers.paths import PathRefusedError, checked_path

KEPT = frozenset({".cache"})
"""Folders in `source` that a toolchain may keep from iteration to iteration."""

_LARGEST_RECORD = 2 * 1024 * 1024


class Workspace:
    """The folder of one job.

    What lies in `source` after code of the plugin ran is never followed or believed: files are kept apart from it, and
    it is emptied before it is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def source(self) -> Path:
        """What is built and checked."""
        return self.folder / "source"

    def fill(self, files: Mapping[str, str]) -> None:
        """Let `source` hold these files and nothing else. Blocks.

        Raises:
            PathRefusedError: a path leads elsewhere, or is a file and a folder.
        """
        checked = {checked_path(path): text for path, text in files.items()}
        for path in checked:
            for above in PurePosixPath(path).parents:
                if str(above) in checked:
                    raise PathRefusedError(f"{above} is a file and, in {path}, a folder")
        if self.source.is_symlink():
            self.source.unlink()
        self.source.mkdir(mode=0o755, parents=True, exist_ok=True)
        for entry in list(os.scandir(self.source)):
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in KEPT:
                    shutil.rmtree(entry.path)
            else:
                Path(entry.path).unlink()
        for path, text in checked.items():
            target = self.source / path
            target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            with open(target, "x", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123 - "x": never through a link
                stream.write(text)

    def record(self, iteration: int, name: str, text: str) -> None:
        """Keep a text of an iteration: `prompt.md`, `answer.md`, `failure.md`, `report.json`. Whole or not at all."""
        folder = self.folder / "iterations" / str(iteration)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}"
        draft.write_text(text[:_LARGEST_RECORD], encoding="utf-8", errors="replace")
        draft.replace(folder / name)

    def read(self, iteration: int, name: str) -> str:
        """A text of an iteration; empty when there is none."""
        with contextlib.suppress(OSError):
            return (self.folder / "iterations" / str(iteration) / name).read_text(encoding="utf-8")
        return ""

    def keep(self, iteration: int, source: str, files: Mapping[str, str]) -> None:
        """Keep an iteration's files and who wrote them, so that it can be taken up again."""
        folder = self.folder / "iterations" / str(iteration)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / ".files.json"
        draft.write_text(json.dumps({"source": source, "files": dict(files)}), encoding="utf-8")
        draft.replace(folder / "files.json")

    def kept(self, iteration: int) -> tuple[str, dict[str, str]] | None:
        """Who wrote an iteration's files, and the files; None when it did not come so far."""
        try:
            found = json.loads(self.read(iteration, "files.json"))
            return str(found["source"]), {str(path): str(text) for path, text in found["files"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def take_artifact(self, artifact: Path) -> Path:
        """Copy the wheel or bundle to where it stays. Blocks."""
        folder = self.folder / "artifact"
        folder.mkdir(mode=0o755, exist_ok=True)
        target = folder / artifact.name
        shutil.copyfile(artifact, target, follow_symlinks=False)
        return target
