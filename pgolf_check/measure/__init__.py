"""Is the improvement real? Significance between sets of seeds."""
