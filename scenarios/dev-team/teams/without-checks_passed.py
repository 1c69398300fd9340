"""The oracle with one effect left out: works without checks."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(has_checks=False))
