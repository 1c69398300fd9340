"""The oracle with one effect left out: does not look at the service after its deployment."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(watches=False))
