"""`python3 -m shortlink --port 8080`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shortlink import features
from shortlink.links import Links
from shortlink.server import Server
from shortlink.store import FileStore


def make(arguments: Sequence[str] | None = None) -> Server:
    """The server that the command line asks for, listening but not yet serving."""
    parser = argparse.ArgumentParser(prog="shortlink", description="Short links for long addresses.")
    parser.add_argument("--port", type=int, default=8080, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--store", type=Path, metavar="FILE", help="keep the links in this file, beyond a restart")
    options = parser.parse_args(arguments)
    store = FileStore(options.store) if options.store else None
    return Server(features.router(Links(store)), options.port)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C."""
    server = make(arguments)
    print(f"listening on {server.address}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
