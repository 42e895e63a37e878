"""Stage 2: what the code does."""
