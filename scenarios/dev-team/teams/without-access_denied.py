"""The oracle with the guard broken: a developer tries to merge his own pull request, which his charter forbids."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(oversteps=True))
