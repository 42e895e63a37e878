"""The training and evaluation stack of the contest."""
