"""The oracle with one effect left out: leaves an issue open that was solved."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(closes_issues=False))
