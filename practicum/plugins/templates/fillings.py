"""What is filled into a provider's text: `{now}` and `{config.KEY}`. Other braces are braces."""

from __future__ import annotations

import re
from collections.abc import Mapping

FILLING = re.compile(r"\{(now|config\.[A-Za-z_][\w-]*)\}")


def config_keys(text: str) -> list[str]:
    """The keys of the configuration that a text wants."""
    return [found.partition(".")[2] for found in FILLING.findall(text) if found != "now"]


def filled(text: str, config: Mapping[str, str], now: str) -> str:
    """The text as a provider says it."""
    return FILLING.sub(lambda found: now if found[1] == "now" else config.get(found[1].partition(".")[2], ""), text)
