"""What the deploy target knows: applications and their deployments. `practicum.world.deploy.platform` acts on it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from practicum.bus.events import Json
from practicum.world.deploy.command import StartCommand
from practicum.world.deploy.tree import TreeNames

if TYPE_CHECKING:
    from practicum.world.deploy.instance import Instance

State = Literal["starting", "running", "failed", "replaced", "stopped", "crashed"]


@dataclass
class Deployment:
    """One attempt to run one version of an application."""

    id: int
    app: str
    version: str
    commit: str
    """The commit that the caller names; `archive_commit` is the one that `git archive` wrote into the upload."""
    archive_commit: str
    actor: str
    created: str
    """ISO 8601, UTC, of the run's clock."""
    names: TreeNames
    release: Path
    command: StartCommand
    health: str
    timeout_s: float
    rollback_of: int = 0
    """The deployment whose files are used again; 0 for an upload."""
    state: State = "starting"
    reason: str = ""
    finished: str = ""
    restarts: int = 0
    log: str = ""
    """The application's output, kept when it ended."""
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def view(self) -> dict[str, Json]:
        """As the API shows it."""
        return {
            "id": self.id,
            "app": self.app,
            "version": self.version,
            "commit": self.commit,
            "archive_commit": self.archive_commit,
            "actor": self.actor,
            "created": self.created,
            "finished": self.finished,
            "state": self.state,
            "reason": self.reason,
            "tree": self.names.tree,
            "digest": self.names.digest,
            "files": self.names.files,
            "bytes": self.names.size,
            "health": self.health,
            "restarts": self.restarts,
            "rollback_of": self.rollback_of,
        }


@dataclass
class App:
    """An application: what runs now and everything that was deployed."""

    name: str
    deployments: list[Deployment] = field(default_factory=list)
    current: Deployment | None = None
    """The one that traffic goes to; None before the first success and after a stop."""
    instance: Instance | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a deployment is decided: one at a time, in the order in which they came."""

    def find(self, number: int) -> Deployment | None:
        """A deployment by its id."""
        return next((item for item in self.deployments if item.id == number), None)

    def view(self) -> dict[str, Json]:
        """As the API shows it; what runs now on top."""
        current = self.current
        shown: dict[str, Json] = {
            "app": self.name,
            "state": current.state if current else "none" if not self.deployments else "stopped",
            "deployments": len(self.deployments),
        }
        for key in ("version", "commit", "archive_commit", "tree", "digest", "files", "health", "restarts"):
            shown[key] = current.view()[key] if current else None
        shown["deployment"] = current.id if current else None
        return shown
