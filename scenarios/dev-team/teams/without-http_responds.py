"""The oracle with one effect left out: deploys another commit than the one that it released."""

from _oracle import Plan, team

product_manager, lead, developer, qa, devops = team(Plan(deploys_the_release=False))
