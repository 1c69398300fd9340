"""`python -m benchmarks hop|memory|record|turn|help|trivial|plugin`: each prints one line of JSON."""

from __future__ import annotations

import asyncio
import importlib
import sys

NAMES = ("hop", "memory", "record", "turn", "help", "trivial", "plugin")


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in NAMES:
        sys.stderr.write(f"usage: python -m benchmarks {'|'.join(NAMES)}\n")
        return 2
    module = importlib.import_module(f"benchmarks.{sys.argv[1]}")
    asyncio.run(module.main())
    return 0


if __name__ == "__main__":
    sys.exit(main())
