"""An environment that a stranger's package brings along, by entry point."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from practicum.errors import InfrastructureError, UsageError

PACKAGE = Path(__file__).parent / "foreign_package"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package, as an installer leaves it: a module and its metadata on the path."""
    place = tmp_path / "site"
    shutil.copytree(PACKAGE, place)
    metadata = place / "practicum_upper-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: practicum-upper\nVersion: 1.0\n")
    points = "[practicum.sandboxes]\nupper = practicum_upper:UpperProvider\nbroken = practicum_upper:Nothing\n"
    (metadata / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(place))
    return place


async def test_it_is_found_by_name_and_used(opened, installed: Path) -> None:
    workspace = await opened({"type": "upper", "image": "shouting"}, {"virtual_fs": {"file": "seeded"}})
    assert workspace.isolation["tier"] == "upper"
    done = await workspace.run_code("bash", "cat file; echo made > made", 20)
    assert (done.stdout, done.created) == ("SEEDED", ("made",))
    assert (await workspace.run("echo hello from $PRACTICUM_WORKSPACE", 20)).stdout == "HELLO FROM /AGENT\n"
    with pytest.raises(UsageError, match="environment upper: julia needs julia"):
        await workspace.run_code("julia", "1", 20)


async def test_one_that_cannot_be_loaded_is_said(opened, installed: Path) -> None:
    with pytest.raises(InfrastructureError, match="environment broken cannot be loaded"):
        await opened("broken")


async def test_without_the_package_it_is_unknown(opened) -> None:
    with pytest.raises(InfrastructureError, match="unknown environment 'upper'"):
        await opened("upper")


def test_it_is_selected_as_a_tier_too(installed: Path) -> None:
    program = "import asyncio; from practicum.sandbox.detect import select; print(asyncio.run(select('upper')).name)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=30)
    assert done.stdout == "upper\n", done.stderr
