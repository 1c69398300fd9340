"""Getting files: from a model's answer, or from templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from practicum.api.model import ModelUsage
from practicum.plugins.answers import parse
from practicum.plugins.asking import AskModel
from practicum.plugins.jobs.workspace import Workspace
from practicum.plugins.prompts import first_prompt, iteration_prompt, system_prompt
from practicum.plugins.prompts.iteration import DELETED, Attempt
from practicum.plugins.specification import PluginSpecification

Source = Literal["model", "template", "given"]


@dataclass(frozen=True)
class Draft:
    """The files of one iteration, before they are checked."""

    source: Source
    files: dict[str, str]
    problems: tuple[str, ...] = ()
    """Why the answer cannot be used; then the files are those from before."""
    remarks: tuple[str, ...] = ()
    model: str = ""
    usage: ModelUsage = field(default_factory=ModelUsage)


@dataclass(frozen=True)
class Past:
    """What the iterations before came to."""

    files: dict[str, str]
    failure: str
    """The full text of what was wrong with them; empty before the first iteration."""
    before: dict[str, str] | None = None
    """Files of the iteration before that."""
    attempts: tuple[Attempt, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelAuthor:
    """A model that writes the files."""

    model: AskModel
    spec: PluginSpecification
    scaffold: Mapping[str, str]
    held: Mapping[str, str]
    workspace: Workspace
    redact: Callable[[str], str]
    api: str = ""

    async def write(self, number: int, most: int, past: Past | None) -> Draft:
        """Ask for the files of an iteration.

        Raises:
            ModelError: no answer.
        """
        if past is None or not past.failure:
            prompt = first_prompt(self.spec, self.scaffold, self.held, api=self.api)
            files = dict(self.scaffold)
        else:
            files = past.files
            prompt = iteration_prompt(
                self.spec, files, self.held, past.failure, number=number, most=most, before=past.before,
                attempts=past.attempts, remarks=past.remarks, api=self.api,
            )  # fmt: skip
        prompt = self.redact(prompt)
        self.workspace.record(number, "prompt.md", prompt)
        answer = await self.model.ask(system_prompt(self.spec.toolchain), prompt)
        self.workspace.record(number, "answer.md", self.redact(answer.text))
        draft = Draft("model", files, model=self.model.name, usage=answer.usage)
        parsed = parse(answer.text)
        problems = list(parsed.problems)
        if answer.cut and not parsed.truncated:
            problems.append("the answer came to the limit of its length: give fewer or shorter files")
        if problems:
            return replace(draft, problems=tuple(problems))
        remarks = [
            f"`{path}` is made from the specification: what you gave for it was not used"
            for path in parsed.files
            if path in self.held and parsed.files[path] != self.held[path]
        ]
        merged = {**files, **parsed.files, **self.held}
        removed = {path for path, text in parsed.files.items() if text.strip() == DELETED and path not in self.held}
        return replace(
            draft,
            files={path: text for path, text in merged.items() if path not in removed},
            remarks=tuple(remarks),
        )
