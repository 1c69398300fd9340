"""The oracle with one effect left out: reports the defect without a test that shows it."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(tester_commits=False))
