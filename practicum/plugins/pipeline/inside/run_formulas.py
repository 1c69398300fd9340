"""Works out formulas of a specification for given arguments. No code of a plugin is here, only checked expressions."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from channel import Channel  # type: ignore[import-not-found,unused-ignore]


def main() -> int:
    """Report each value that can be worked out, by its number."""
    channel = Channel()
    for number, question in enumerate(channel.request["questions"]):
        try:
            scope = {"math": math, **question["input"]}
            value = eval(question["expression"], scope)  # noqa: S307 - checked by our own grammar, and inside a sandbox
            json.dumps(value, allow_nan=False)
        except Exception as error:
            channel.say("none", number=number, why=type(error).__name__)
        else:
            channel.say("value", number=number, value=value)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
