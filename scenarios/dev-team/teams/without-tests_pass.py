"""The oracle with one effect left out: leaves two files of tests out, so that there are too few."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(all_tests=False))
