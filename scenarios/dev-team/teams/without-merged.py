"""The oracle with one effect left out: solves two issues in one pull request."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(one_issue_a_pull_request=False))
