"""A script in the fewest bytes that still do the same, and back again."""
