"""What authors of extensions import: protocols and plain classes, and nothing of Practicum's inside."""
