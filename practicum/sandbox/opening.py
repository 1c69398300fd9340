"""Getting a sandbox of namespaces ready: view, ownership, stage, control groups."""

from __future__ import annotations

import asyncio
import atexit
import os

from practicum.api.sandbox import SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.cgroup import Groups, hierarchy
from practicum.sandbox.child import adopt_orphans
from practicum.sandbox.confined import ConfinedSandbox, Launcher, Place
from practicum.sandbox.ownership import hand_over, host_uid
from practicum.sandbox.stage import Stage, set_stage
from practicum.sandbox.view import View, look

_groups: dict[int, Groups] = {}
"""By process id: a forked process must not lend its parent's groups."""


async def open_confined(spec: SandboxSpec, launch: Launcher) -> ConfinedSandbox:
    """Open a sandbox whose executions `launch` starts.

    Raises:
        SandboxError: a mount's source does not exist or cannot be handed over.
    """
    adopt_orphans()
    view = look(spec)
    uid = host_uid(spec.uid)
    stage = None if uid is None else await asyncio.to_thread(_prepare, view, uid)
    return ConfinedSandbox(Place(spec=spec, view=view, uid=uid, stage=stage), launch, _own_groups())


def _prepare(view: View, uid: int) -> Stage:
    for bind in view.mounts:
        if bind.writable:
            try:
                hand_over(bind.source, uid)
            except OSError as error:
                raise SandboxError(f"cannot hand {bind.source} over to uid {uid}: {error.strerror}") from error
    return set_stage([bind.source for bind in view.mounts])


def _own_groups() -> Groups | None:
    found = hierarchy()
    if found is None:
        return None
    if os.getpid() not in _groups:
        _groups[os.getpid()] = Groups(found)
        atexit.register(_groups[os.getpid()].close)
    return _groups[os.getpid()]
