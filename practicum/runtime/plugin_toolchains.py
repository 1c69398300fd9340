"""The language of a plugin: who checks it, and which templates write it."""

from __future__ import annotations

from dataclasses import dataclass

from practicum.api.model import Model
from practicum.errors import UsageError
from practicum.plugins.jobs.making import Templates
from practicum.plugins.pipeline.result import Toolchain
from practicum.plugins.specification import PluginSpecification


@dataclass(frozen=True, slots=True)
class Kit:
    """What makes plugins in one language."""

    toolchain: Toolchain
    templates: Templates


def kit_for(spec: PluginSpecification, *, reviewer: Model | None = None, download: bool = True) -> Kit:
    """The kit of a specification's language.

    `reviewer` reviews what passed the rest; without one that check is `skipped`. `download`: whether dependencies that
    no cache has may be fetched.
    """
    # Not at the top: a toolchain is large, and who only looks at jobs does without it.
    if spec.toolchain == "typescript":
        from practicum.plugins.toolchains.typescript import TypeScriptToolchain
        from practicum.plugins.toolchains.typescript import generate as typescript

        return Kit(TypeScriptToolchain(reviewer=reviewer, download=download), typescript)
    from practicum.plugins.templates import generate as python
    from practicum.plugins.toolchains.python import PythonToolchain

    return Kit(PythonToolchain(reviewer=reviewer, download=download), python)


def offline_kit(spec: PluginSpecification, *, reviewer: Model | None = None) -> Kit:
    """For what agents ask for: nothing is fetched, since names of dependencies could carry words outside.

    Raises:
        UsageError: another language than Python, which no fleet serves.
    """
    check_installable(spec)
    return kit_for(spec, reviewer=reviewer, download=False)


def check_installable(spec: PluginSpecification) -> None:
    """See that Practicum itself can load what is made of a specification.

    Raises:
        UsageError: another language than Python.
    """
    if spec.toolchain != "python":
        raise UsageError(
            f"{spec.name}: Practicum installs and publishes plugins in Python; one in {spec.toolchain} is only made",
            hint="the bundle of such a job is for elizaOS: practicum plugin status JOB says where it is",
        )
