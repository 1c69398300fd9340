"""The tier `namespaces`."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.api.sandbox import Isolation, SandboxSpec
from practicum.sandbox.confined import ConfinedSandbox
from practicum.sandbox.namespaces.command import command
from practicum.sandbox.opening import open_confined
from practicum.sandbox.probe import isolation_of, with_remarks


class NamespacesProvider:
    """Sandboxes of the same namespaces, filter and limits as bubblewrap's, and Landlock; needs nothing installed.

    Costs the start of an interpreter for each execution. Linux 5.12 or later (mount_setattr); Landlock where the kernel
    has it (5.13), which also keeps abstract unix sockets and signals inside (6.12).
    """

    name = "namespaces"

    def __init__(self, *, remarks: Sequence[str] = ()) -> None:
        """`remarks` are put before those of the probe: why this tier was taken although it does not do all."""
        self._remarks = tuple(remarks)

    async def detect(self) -> Isolation:
        """Try each dimension with a real probe; remembered until something changes that matters to it.

        Raises:
            IsolationError: the kernel does not let us make namespaces.
        """
        return with_remarks(await isolation_of(self), self._remarks)

    async def open(self, spec: SandboxSpec) -> ConfinedSandbox:
        """A sandbox over these mounts; as root, the writable ones are handed over to its uid.

        Raises:
            SandboxError: a mount's source does not exist.
        """
        return await open_confined(spec, command)
