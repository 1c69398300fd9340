"""Doing a plugin's tasks when they are due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from practicum.clock import Clock
from practicum.errors import PracticumError
from practicum.plugins.host.description import TaskDescription
from practicum.plugins.host.schedule import read_schedule


async def do_tasks(
    tasks: Iterable[TaskDescription],
    clock: Clock,
    do: Callable[[str], Awaitable[None]],
    say: Callable[[str], None],
) -> None:
    """Do each task when it is due, one at a time for each, until cancelled. One that fails is said, and done again."""

    async def one(task: TaskDescription) -> None:
        due = read_schedule(task.schedule)
        last = clock.now()
        while True:
            last = due(max(last, clock.now()))
            await asyncio.sleep(max(0.0, (last - clock.now()).total_seconds()))
            try:
                await do(task.name)
            except PracticumError as error:
                say(f"its task {task.name} failed: {error.message}")

    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(one(task))
