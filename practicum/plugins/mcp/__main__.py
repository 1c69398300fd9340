"""`python -m practicum.plugins.mcp NAME [--store FOLDER] [--http PORT]`: serve an installed plugin.

Over input and output by default, as MCP clients start servers; with `--http`, at an address that is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from practicum.errors import PracticumError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.mcp.server import serve_http, serve_stdio
from practicum.plugins.store import Store


def _say(plugin: str, line: str) -> None:
    print(f"{plugin}: {line}", file=sys.stderr)  # our output is the protocol's


async def _main(name: str, store: Store, port: int | None) -> None:
    installed = store.installed(name)
    async with Fleet(store, say=_say) as fleet:
        await fleet.swap(installed)
        if port is None:
            await serve_stdio(fleet, name)
            return
        async with serve_http(fleet, name, port=port) as address:
            print(address, flush=True)
            await asyncio.get_running_loop().create_future()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="practicum.plugins.mcp", description="Serve an installed plugin by MCP.")
    parser.add_argument("name", help="the plugin")
    home = Path(os.environ.get("PRACTICUM_HOME", ".practicum"))
    parser.add_argument("--store", type=Path, default=home / "plugins", help="where plugins are installed")
    parser.add_argument("--http", type=int, metavar="PORT", help="serve on loopback; 0 takes a free port")
    given = parser.parse_args()
    try:
        asyncio.run(_main(given.name, Store(given.store), given.http))
    except PracticumError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
