"""A process that works on a job and stands still in a phase: `worker_process.py FOLDER JOB PHASE`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from factory_kit import WRONG, Said, StandIn, answer

from practicum.plugins.jobs.runner import work
from practicum.plugins.jobs.store import JobStore


async def main(folder: str, job: str, phase: str) -> None:
    async def stand_still() -> None:
        print(phase, flush=True)
        await asyncio.Event().wait()

    toolchain = StandIn(lambda now: stand_still() if now == phase else None)
    with JobStore(Path(folder)) as store:
        model = Said(answer(WRONG)) if store.get(job).model else None
        done = await work(job, store=store, toolchain=toolchain, model=model)
    print(json.dumps(done.state))


asyncio.run(main(*sys.argv[1:]))
