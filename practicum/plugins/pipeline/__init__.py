"""Building and checking a plugin: phases in the sandbox, each with what it found."""
