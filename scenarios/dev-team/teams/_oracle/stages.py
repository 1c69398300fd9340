"""The product's files, stage by stage: what the agents write."""

from __future__ import annotations

from pathlib import Path

from practicum.agents.tools.files import write_file
from practicum.models.script import Pending

PRODUCT = Path(__file__).resolve().parent.parent.parent / "product"

REPO = "acme/shortlink"
CLONE = "shortlink"
"""The clone's folder in each workspace."""

RUN_TESTS = "python3 -m unittest discover"


def files(*stages: str, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Path in the repository to text; a later stage wins over an earlier one."""
    found = {}
    for stage in stages:
        folder = PRODUCT / stage
        if not folder.is_dir():
            raise ValueError(f"there is no stage {stage}")
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if path.is_file() and "__pycache__" not in path.parts and name not in without:
                found[name] = path.read_text(encoding="utf-8")
    return found


def writing(content: dict[str, str]) -> list[Pending[int]]:
    """The calls that write files into the clone."""
    return [Pending(write_file, {"path": f"{CLONE}/{name}", "content": text}) for name, text in content.items()]


def is_test(path: str) -> bool:
    """Whether a path of the repository belongs to its tests."""
    return path.startswith("tests/")
