"""The oracle with one effect left out: one developer works at a time."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(in_parallel=False))
