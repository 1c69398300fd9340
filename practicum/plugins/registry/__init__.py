"""What there is already, and giving to others what was made: searching, publishing, provenance."""
