"""The law of the contest: one file per rule."""
