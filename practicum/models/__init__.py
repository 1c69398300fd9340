"""Everything that decides: scripts, language models, replays, people."""
