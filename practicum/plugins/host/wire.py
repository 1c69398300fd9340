"""The lines between a host and its runner: JSON-RPC 2.0, one object a line, on an inherited socket."""

from __future__ import annotations

import json
from typing import Any, cast

from practicum.plugins.host.errors import Kind, PluginCallError

REQUEST_BYTES = 16 * 1024 * 1024
"""Of one line to the plugin."""
RESULT_BYTES = 900 * 1024
"""Of one result, as JSON: it must fit a message of any bus (1 MiB by default)."""
ANSWER_BYTES = RESULT_BYTES + 64 * 1024
"""Of one line from the plugin. Longer than its runner lets any be: who sends more does not keep to the protocol."""
MESSAGE = 4000
"""Characters of an error and of a line of a log."""

_CODE = -32000
"""JSON-RPC's range for errors of the application; `data.kind` says which."""


def line(message: dict[str, Any]) -> bytes:
    """One message as it travels.

    Raises:
        ValueError, TypeError: it holds what JSON cannot say, such as NaN.
    """
    return json.dumps({"jsonrpc": "2.0", **message}, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def cut(text: str) -> str:
    """A text of at most `MESSAGE` characters."""
    return text if len(text) <= MESSAGE else f"{text[:MESSAGE]} [cut]"


def failure(error: PluginCallError) -> dict[str, Any]:
    """An error as it travels."""
    return {"code": _CODE, "message": cut(error.message), "data": {"kind": error.kind}}


def rebuild(value: object) -> PluginCallError:
    """The error that travelled; whatever it is that came."""
    if not isinstance(value, dict):
        return PluginCallError("broken", "it failed and did not say how")
    data = value.get("data")
    kind = data.get("kind") if isinstance(data, dict) else None
    known = ("unknown", "arguments", "failed", "broken", "timeout", "too_large")
    return PluginCallError(cast("Kind", kind) if kind in known else "broken", cut(str(value.get("message", ""))))
