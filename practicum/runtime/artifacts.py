"""What is kept of a run besides its record: the repository, the product, the state of the services, the ledger."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

from practicum.errors import PracticumError
from practicum.runtime.clients import WorldClient
from practicum.runtime.evidence import WorldView
from practicum.runtime.places import RunFolder
from practicum.runtime.plan import Plan
from practicum.scenarios.git import git


async def keep_artifacts(plan: Plan, folder: RunFolder, view: WorldView, world: WorldClient) -> None:
    """Fill `artifacts/`: `product.git` (a bare clone), `product/` (the files of its default branch), `world.json` (the
    simulated services' state).
    """
    target = folder.artifacts
    target.mkdir(exist_ok=True)
    github = plan.loaded.scenario.world.github
    if github is not None:
        mirror = await view.clone(github.repo)
        await asyncio.to_thread(shutil.copytree, mirror, target / "product.git", dirs_exist_ok=True)
        await git("config", "--unset-all", "remote.origin.url", cwd=target / "product.git")
        await _unpack(target / "product.git", target / "product")
    (target / "world.json").write_text(json.dumps(await world.inspect(), indent=1, ensure_ascii=False))


def keep_ledger(folder: RunFolder) -> None:
    """Add `ledger.jsonl`, every request that the simulated services got; last, since evaluators ask them too."""
    ledger = folder.path / "world" / "ledger.jsonl"
    if ledger.is_file():
        folder.artifacts.mkdir(exist_ok=True)
        shutil.copyfile(ledger, folder.artifacts / "ledger.jsonl")


async def _unpack(repository: Path, target: Path) -> None:
    archive = target.with_suffix(".tar")
    try:
        await git("archive", "--format=tar", f"--output={archive}", "HEAD", cwd=repository)
    except PracticumError:
        return  # an empty repository has nothing to unpack
    target.mkdir(exist_ok=True)
    await asyncio.to_thread(shutil.unpack_archive, archive, target, filter="data")
    archive.unlink()
