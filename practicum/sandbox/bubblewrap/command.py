"""The command line that sets up one sandbox with bubblewrap (bwrap(1), 0.8 or later)."""

from __future__ import annotations

import os

from practicum.sandbox import seccomp
from practicum.sandbox.child import sealed
from practicum.sandbox.confined import Order, Place
from practicum.sandbox.programs import tool
from practicum.sandbox.rlimits import prlimit_arguments, rlimits
from practicum.sandbox.view import HOME, UID_INSIDE


def command(place: Place, order: Order) -> tuple[list[str], list[int]]:
    """The command line, and the descriptors that it reads: the options, the filter, the small files of /etc.

    The options go through a descriptor, so that no value of the environment shows in a list of processes.
    """
    descriptors: list[int] = []
    try:
        descriptors.append(sealed(seccomp.program(), "seccomp"))
        options = [*_namespaces(place), *_files(place, descriptors), *_environment(order)]
        options += ["--seccomp", str(descriptors[0]), "--json-status-fd", str(order.status)]
        descriptors.append(sealed("\0".join(options).encode() + b"\0", "options"))
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    limits = prlimit_arguments(rlimits(order.limits, whole_tree=order.whole_tree))
    inner = [tool("prlimit"), *limits, "--", *order.argv]
    return [*_becoming(place), tool("bwrap"), "--args", str(descriptors[-1]), "--", *inner], descriptors


def _becoming(place: Place) -> list[str]:
    """As root: first into the stage, then out of being root, for good. Otherwise nothing."""
    if place.stage is None or place.uid is None:
        return []
    return [
        tool("nsenter"),
        f"--mount={place.stage.namespace}",
        "--",
        tool("setpriv"),
        f"--reuid={place.uid}",
        f"--regid={place.uid}",
        "--clear-groups",
        "--inh-caps=-all",
        "--bounding-set=-all",
        "--no-new-privs",
        "--pdeathsig=KILL",
        "--",
    ]


def _namespaces(place: Place) -> list[str]:
    options = ["--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--hostname", "sandbox", "--uid", str(UID_INSIDE), "--gid", str(UID_INSIDE)]
    options += ["--cap-drop", "ALL", "--die-with-parent", "--new-session"]
    if place.spec.network == "none":
        options.append("--unshare-net")
    return options


def _files(place: Place, descriptors: list[int]) -> list[str]:
    view = place.view
    options = ["--perms", "0755", "--dir", "/etc"]
    for bind in view.system:
        options += ["--ro-bind", bind.source, bind.target]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for target, size in view.memory:
        mode = "0700" if target == view.cwd else "1777"
        options += ["--perms", mode, "--size", str(size), "--tmpfs", target]
    options += ["--perms", "0700", "--dir", HOME]
    for target, text in view.files.items():
        descriptor = sealed(text.encode(), "file")
        descriptors.append(descriptor)
        options += ["--perms", "0644", "--file", str(descriptor), target]
    for source, bind in zip(place.sources(), view.mounts, strict=True):
        options += ["--bind" if bind.writable else "--ro-bind", source, bind.target]
    for target, leads_to in view.links:
        options += ["--symlink", leads_to, target]
    # What bubblewrap itself laid out lies in memory without a bound; so nothing may be added there.
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/"]


def _environment(order: Order) -> list[str]:
    options = ["--clearenv"]
    for name, value in order.environment.items():
        options += ["--setenv", name, value]
    return [*options, "--chdir", order.cwd]
