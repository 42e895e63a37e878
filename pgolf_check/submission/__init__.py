"""Stage 1: what was handed in."""
