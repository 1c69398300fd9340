"""`practicum validate`: check scenario files without running them."""

from __future__ import annotations

from typing import Annotated

import typer

from practicum.cli.running import paint
from practicum.errors import UsageError
from practicum.runtime.plan import Options, find_scenario, make_plan

app = typer.Typer(add_completion=False)


@app.command()
def validate(
    scenarios: Annotated[list[str], typer.Argument(help="Scenario files, folders, or names of those that come along.")],
) -> int:
    """Check each scenario: schema, evaluators, roles, scripts. Exit 2 when one is wrong."""
    wrong = 0
    for name in scenarios:
        try:
            plan = make_plan(str(find_scenario(name)), Options())
        except UsageError as error:
            wrong += 1
            print(f"{paint('wrong', 'red')}  {name}\n{error}")
            continue
        kinds = [item.kind for item in plan.evaluators]
        counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("effect", "text", "guard") if kind in kinds)
        print(f"{paint('valid', 'green')}  {name}  {len(plan.agents)} agents, evaluations: {counted or 'none'}")
    return 2 if wrong else 0
