"""What is known of an installed version without looking at its code: `manifest.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from practicum.api.plugin import Capability
from practicum.plugins.host.description import Declared
from practicum.plugins.specification import PluginName, PluginSpecification, Version

HostKind = Literal["trusted", "isolated", "lent"]
"""`isolated`: a process of its own in a sandbox. `trusted`: in our process. `lent`: an object that somebody brought,
such as a mounted MCP server; it is in no store."""


class Grant(BaseModel):
    """What a version may have. What its code declares beyond this makes it fail to load."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    capabilities: tuple[Capability, ...] = ()
    hosts: tuple[str, ...] = ()
    environment: tuple[Declared, ...] = ()
    components: tuple[tuple[str, str], ...] = ()
    """What it must bring, as (kind, name)."""

    @classmethod
    def of(cls, spec: PluginSpecification) -> Grant:
        """What a specification declares."""
        return cls(
            capabilities=spec.capabilities,
            hosts=spec.hosts,
            environment=tuple(Declared(**item.model_dump()) for item in spec.environment),
            components=tuple(spec.declared()),
        )


class Manifest(BaseModel):
    """One installed version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: PluginName
    version: Version
    description: str = ""
    digest: str
    """`sha256:...` of the wheel."""
    wheel: str
    """Its file name, beside this file."""
    host: HostKind = "isolated"
    grant: Grant | None = None
    """None where nobody has written a specification: then it may compute, and no more."""
    dependencies: tuple[str, ...] = ()
    """What was installed beside it, such as `python-dateutil==2.9.0`."""
    job: str = ""
    """The job that made it; empty for a plugin from elsewhere."""
    checks: dict[str, str] = {}
    """Check to status, as the pipeline and the verifier found them."""
    config: dict[str, JsonValue] = {}
    """Handed to its components as `PluginContext.config`."""
    installed: datetime

    @property
    def allowed(self) -> Grant:
        """What it may have: nothing, where nobody granted anything."""
        return self.grant or Grant()


@dataclass(frozen=True, slots=True)
class Installed:
    """A version on this disk."""

    folder: Path
    manifest: Manifest
    data: Path
    """The plugin's own folder for files; the same for all its versions."""

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def version(self) -> str:
        return self.manifest.version

    def same(self, other: Installed) -> bool:
        """Whether both are the same version of the same file."""
        return self.folder == other.folder and self.manifest.digest == other.manifest.digest

    def with_config(self, config: Mapping[str, JsonValue]) -> Installed:
        """The same with more configuration, for one fleet."""
        manifest = self.manifest.model_copy(update={"config": {**self.manifest.config, **config}})
        return replace(self, manifest=manifest)

    @property
    def site(self) -> Path:
        """The folder with the wheel's packages and those that it needs."""
        return self.folder / "site"

    @property
    def wheel(self) -> Path:
        """The wheel that was installed."""
        return self.folder / self.manifest.wheel
