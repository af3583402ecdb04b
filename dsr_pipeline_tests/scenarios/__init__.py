"""End to end: what a user does, from the first command to the tables."""
