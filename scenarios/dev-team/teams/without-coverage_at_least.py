"""The oracle with one effect left out: adds a page that nobody wrote a test for."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(tests_everything=False))
