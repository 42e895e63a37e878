"""Stage 3: the law applied."""
