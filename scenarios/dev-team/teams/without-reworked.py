"""The oracle with one effect left out: gets everything right at once: no review asks for a change."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(forgets_loops=False))
