"""C1 and C3: nothing a score depends on may come from the tokens that it scores."""
