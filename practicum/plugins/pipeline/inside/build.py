"""Builds a wheel with hatchling and reports it. A plugin's build files may run code: that is why it is inside."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from channel import Channel  # type: ignore[import-not-found,unused-ignore]

OUT = Path("/tmp/out")


def main() -> int:
    """Build `/plugin`; the exit code is the builder's."""
    channel = Channel()
    argv = [sys.executable, "-I", "-m", "hatchling", "build", "-t", "wheel", "-d", str(OUT)]
    done = subprocess.run(argv, cwd="/plugin", stdin=subprocess.DEVNULL, timeout=channel.request["seconds"])
    if done.returncode == 0:
        for wheel in sorted(OUT.iterdir()):
            channel.say("wheel", name=wheel.name, data=base64.b64encode(wheel.read_bytes()).decode())
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
