"""The command line of the launcher script, and what it is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from practicum.sandbox import seccomp
from practicum.sandbox.child import sealed
from practicum.sandbox.confined import Order, Place
from practicum.sandbox.rlimits import rlimits
from practicum.sandbox.view import HOME, UID_INSIDE

_SCRIPT = Path(__file__).with_name("launcher.py")


def command(place: Place, order: Order) -> tuple[list[str], list[int]]:
    """The command line, and the one descriptor from which the script reads everything else."""
    view = place.view
    told = {
        "stage": place.stage.namespace if place.stage else None,
        "uid": place.uid,
        "uid_inside": UID_INSIDE,
        "network": place.spec.network == "host",
        "system": [(bind.source, bind.target) for bind in view.system],
        "mounts": [
            (source, bind.target, bind.writable) for source, bind in zip(place.sources(), view.mounts, strict=True)
        ],
        "links": view.links,
        "files": dict(view.files),
        "memory": [(target, size, "0700" if target == view.cwd else "1777") for target, size in view.memory],
        "home": HOME,
        "limits": rlimits(order.limits, whole_tree=order.whole_tree),
        "filter": seccomp.program().hex(),
        "argv": list(order.argv),
        "cwd": order.cwd,
        "environment": dict(order.environment),
        "status": order.status,
    }
    descriptor = sealed(json.dumps(told).encode(), "sandbox")
    return [sys.executable, "-I", "-S", str(_SCRIPT), str(descriptor)], [descriptor]
