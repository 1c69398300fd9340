"""`db_seed`: what a real database holds before the first step."""

from practicum.scenarios.environments.database.seed import seed_database

__all__ = ["seed_database"]
