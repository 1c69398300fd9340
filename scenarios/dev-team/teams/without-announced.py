"""The oracle with one effect left out: releases without telling the users."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(announces=False))
