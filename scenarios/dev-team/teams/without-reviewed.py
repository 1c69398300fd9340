"""The oracle with one effect left out: merges a commit that came after the approval."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(approves_the_head=False))
