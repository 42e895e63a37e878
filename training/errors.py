"""The one exception of this library: bad input, told in one line."""


class TrainingError(Exception):
    """What is wrong, where, and what to do."""
