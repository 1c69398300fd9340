"""Plugin hosts: where a plugin's code is loaded and called. Nothing is imported here: the runner inside stays small."""
