"""How loss becomes bits per byte."""
