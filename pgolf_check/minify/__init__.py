"""The same program in fewer bytes: text in, text out, each step proved against the tree before."""
