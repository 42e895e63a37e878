"""C2: what is scored is one distribution over the vocabulary, fixed before the target is seen."""
