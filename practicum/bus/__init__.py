"""The message bus: events, subjects, and the backends that carry them."""
