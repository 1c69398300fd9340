"""What a plugin depends on: which names are allowed, which look like another, and what advisories say (B20)."""
