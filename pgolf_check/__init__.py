"""pgolf: the referee of the Parameter Golf contest."""

__version__ = "0.1.0"
