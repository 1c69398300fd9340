"""The oracle with one effect left out: measures the quality and does not report it."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(reports_quality=False))
