"""What a scenario is: schema, loader, evaluators, judgment."""
