"""The oracle with one effect left out: answers the user's question into the room, not as an answer to it."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(answers=False))
