"""From tokens to bytes: the denominator of the score."""
