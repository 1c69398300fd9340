"""From a model's name, as a user writes it, to something that decides."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

from practicum.api.model import Model
from practicum.bus.event import Event
from practicum.errors import MissingExtraError, UsageError

Vendor = Literal["anthropic", "openai", "script", "replay", "human", "process"]

VENDORS: tuple[Vendor, ...] = ("anthropic", "openai", "script", "replay", "human", "process")

OPTIONS: Mapping[Vendor, tuple[str, ...]] = {
    "anthropic": ("max_tokens", "thinking"),
    "openai": ("max_tokens", "effort"),
    "script": (),
    "replay": (),
    "human": (),
    "process": (),
}
"""What may follow a name, as `anthropic/NAME?thinking=4096&max_tokens=20000`."""

_OPENAI = ("gpt", "chatgpt", "o1", "o3", "o4")
"""How the names of its models begin."""

Cause = Callable[[], str]
"""Gives the id of the event that the next request answers; empty for none."""


def no_cause() -> str:
    """For callers outside a run, such as tests."""
    return ""


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model, named and not yet opened."""

    vendor: Vendor
    name: str = ""
    """The vendor's own name of the model, the script's, or the run's; empty for `human`."""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The service of the gateway that it needs a lease for; empty where it needs none."""
        return self.vendor if self.vendor in ("anthropic", "openai") else ""

    def __str__(self) -> str:
        """As the user wrote it, without options."""
        return f"{self.vendor}/{self.name}" if self.name else self.vendor


def parse_model(text: str) -> ModelRef:
    """Read `anthropic/NAME`, `openai/NAME`, `script/NAME`, `replay/RUN` or `human`.

    NAME may hold slashes (`openai/org/model` on compatible servers); options follow a `?`.

    Raises:
        UsageError: unknown vendor or option, or a name where none belongs (or none where one does).
    """
    path, _, query = text.strip().partition("?")
    vendor_text, slash, name = path.partition("/")
    if vendor_text not in VENDORS:
        raise UsageError(f"{text!r} is not a model: unknown vendor {vendor_text!r}", hint=_advice(vendor_text, slash))
    vendor = vendor_text
    if vendor == "human" and slash:
        raise UsageError(f"{text!r} is not a model: a human has no name here", hint='write just "human"')
    if vendor != "human" and not name:
        raise UsageError(f"{text!r} is not a model: the name is missing", hint=f'write "{vendor}/{_example(vendor)}"')
    options = dict(parse_qsl(query, keep_blank_values=True))
    known = OPTIONS[vendor]
    for option in options:
        if option not in known:
            said = f"known for {vendor}: {', '.join(known)}" if known else f"{vendor} models take no options"
            raise UsageError(f"{text!r} is not a model: unknown option {option!r}", hint=said)
    return ModelRef(vendor, name, options)


def vendored(name: str) -> str:
    """`gpt-4` as `openai/gpt-4`, `claude-3` as `anthropic/claude-3`; any other name, with a vendor or not, as it is."""
    lower = name.strip().lower()
    if "/" not in lower and lower.startswith("claude"):
        return f"anthropic/{name.strip()}"
    if "/" not in lower and lower.startswith(_OPENAI):
        return f"openai/{name.strip()}"
    return name


def open_model(
    ref: ModelRef,
    *,
    base_url: str = "",
    api_key: str = "",
    cause: Cause = no_cause,
    agent: str = "",
    recorded: Iterable[Event] = (),
    terminal: int | None = None,
) -> Model:
    """Make a model ready to be asked. Vendor SDKs are imported here and not before (one second for Anthropic's).

    `base_url` is the service's address as its SDK wants it: `http://127.0.0.1:G/anthropic`,
    `http://127.0.0.1:G/openai/v1`. `api_key` is a lease. `agent` and `recorded` (the events of the recorded run) are
    for `replay`, `terminal` (a file descriptor; None opens the controlling terminal) for `human`.

    Raises:
        UsageError: a script (the agent's host opens those, it knows where they stand), a bad option, no terminal, a
            recorded run without this agent.
        MissingExtraError: the vendor's SDK is not installed.
    """
    match ref.vendor:
        case "anthropic":
            with _extra(ref, "anthropic"):
                from practicum.models.anthropic import AnthropicModel
            return AnthropicModel(
                ref.name,
                base_url=base_url,
                api_key=api_key,
                cause=cause,
                max_tokens=_positive(ref, "max_tokens"),
                thinking=_thinking(ref),
            )
        case "openai":
            with _extra(ref, "openai"):
                from practicum.models.openai import OpenAIModel
            return OpenAIModel(
                ref.name,
                base_url=base_url,
                api_key=api_key,
                cause=cause,
                max_tokens=_positive(ref, "max_tokens"),
                effort=ref.options.get("effort", ""),
            )
        case "human":
            from practicum.models.human import HumanModel

            return HumanModel(agent=agent, terminal=terminal)
        case "replay":
            from practicum.models.replay import ReplayModel

            return ReplayModel(ref.name, agent=agent, recorded=recorded)
        case "script":
            raise UsageError(
                f"{ref} cannot be opened by name alone",
                hint="scripts stand next to a scenario: practicum.models.script.load_scripts, then ScriptModel",
            )
        case "process":
            raise UsageError(
                f"{ref} cannot be opened by name alone",
                hint="a program's command stands in its scenario: team.NAME.process",
            )


def require_sdk(ref: ModelRef) -> None:
    """See that the vendor's SDK is installed, without the second that importing it takes.

    Raises:
        MissingExtraError: it is not.
    """
    if ref.service and importlib.util.find_spec(ref.service) is None:
        raise MissingExtraError(f"the model {ref}", ref.service)


@contextmanager
def _extra(ref: ModelRef, extra: str) -> Iterator[None]:
    """Say how to install what an import inside misses."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("practicum"):
            raise
        raise MissingExtraError(f"the model {ref}", extra) from error


def _advice(vendor: str, slash: str) -> str:
    known = "known: anthropic/NAME, openai/NAME, script/NAME, replay/RUN, human"
    close = difflib.get_close_matches(vendor.lower(), VENDORS, n=1, cutoff=0.5)
    if close:
        return f'did you mean "{close[0]}"? {known}'
    full = vendor if slash else vendored(vendor)
    return f'did you mean "{full}"? {known}' if full != vendor else known


def _example(vendor: Vendor) -> str:
    return "RUN" if vendor == "replay" else "NAME"


def _positive(ref: ModelRef, option: str) -> int | None:
    text = ref.options.get(option)
    if text is None:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise UsageError(f"{ref}: {option} must be a positive whole number, not {text!r}")
    return int(text)


def _thinking(ref: ModelRef) -> int | Literal["adaptive"] | None:
    if ref.options.get("thinking") == "adaptive":
        return "adaptive"
    return _positive(ref, "thinking")
