"""The oracle with one effect left out: the lead writes the workflow: DevOps has no commit."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(devops_commits=False))
