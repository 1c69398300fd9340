"""The websocket side: connections, sessions that outlive them, and what each is allowed to hear."""
