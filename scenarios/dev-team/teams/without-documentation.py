"""The oracle with one effect left out: writes the documentation where nobody looks for it."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(documents=False))
