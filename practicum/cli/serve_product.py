"""`practicum serve-product`: start what a run's team has built."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated

import typer

from practicum.errors import UsageError
from practicum.runtime.places import find_run
from practicum.runtime.product import serve

app = typer.Typer(add_completion=False)


@app.command("serve-product")
def serve_product(
    run: Annotated[str, typer.Argument(help="A run: its id, the beginning of it, or last.")] = "last",
    port: Annotated[int, typer.Option(help="Loopback port; a free one when 0.")] = 8080,
) -> int:
    """Start the product from a run's artifacts, in a sandbox without network, reachable on a loopback port."""
    folder = find_run(run)
    product = folder.artifacts / "product"
    if not product.is_dir():
        raise UsageError(f"{folder.run} has no product: it is {folder.status()}", hint="practicum runs lists others")
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(serve(product, port, lambda line: print(line, flush=True)))
    return 0
