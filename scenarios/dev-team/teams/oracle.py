"""The team that does everything there is to do."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan())
