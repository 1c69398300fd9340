"""The oracle with one effect left out: names the release differently than was asked."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(tag="1.0.0"))
