"""C4: one pass from left to right; no second scores and no choice among scores."""
