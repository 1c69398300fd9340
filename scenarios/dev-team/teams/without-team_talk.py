"""The oracle with one effect left out: does not talk on Slack."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(talks=False))
