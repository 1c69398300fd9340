"""What pull requests do: follow their branches, be measured, be held to the branch's rules, be merged."""
