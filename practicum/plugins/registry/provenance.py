"""Where a published wheel comes from: a JSON file beside it, `NAME.whl.provenance.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from practicum.plugins.jobs.state import Job
from practicum.plugins.specification import PluginSpecification

ENDING = ".provenance.json"


class Provenance(BaseModel):
    """Who made a wheel, out of what, and who looked at it."""

    name: str
    version: str
    wheel: str
    """Its file name."""
    sha256: str
    """Of the wheel: nothing else is meant."""
    specification: PluginSpecification
    specification_sha256: str
    """Of the specification as JSON, keys sorted, without spaces."""
    job: str
    source: str
    """Who wrote the files: `model`, `template` or `given`."""
    model: str = ""
    iterations: int
    verifier: dict[str, str]
    """Every check of the verifier to what it came to."""
    approved_by: str
    """Whose yes it was."""
    published: datetime
    practicum: str
    """The version that did it."""

    @classmethod
    def of(
        cls,
        job: Job,
        wheel: Path,
        *,
        sha256: str,
        checks: Mapping[str, str],
        approved_by: str,
        published: datetime,
        practicum: str,
    ) -> Provenance:
        """For what a job made, with what the verifier found: the wheel's digest, and each check."""
        return cls(
            name=job.spec.name,
            version=job.spec.version,
            wheel=wheel.name,
            sha256=sha256,
            specification=job.spec,
            specification_sha256=specification_digest(job.spec),
            job=job.id,
            source=job.source,
            model=job.model if job.source == "model" else "",
            iterations=job.iteration,
            verifier=dict(checks),
            approved_by=approved_by,
            published=published,
            practicum=practicum,
        )

    def beside(self, wheel: Path) -> Path:
        """Write it beside a wheel; where it lies then."""
        target = wheel.with_name(wheel.name + ENDING)
        draft = target.with_name(f".{target.name}")
        draft.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        draft.replace(target)
        return target


def read_provenance(path: Path) -> Provenance | None:
    """One that was written; None where there is none, or it is damaged."""
    try:
        return Provenance.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def specification_digest(spec: PluginSpecification) -> str:
    """SHA-256 of a specification, whatever its file looked like."""
    import json

    plain = json.dumps(spec.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
