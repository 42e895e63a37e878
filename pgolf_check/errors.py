"""The one exception a user may see, and the exit codes every command shares."""

from enum import IntEnum


class Exit(IntEnum):
    """0 yes, 1 no, 2 the input cannot be used, 3 cannot decide."""

    CLEAN = 0
    VIOLATION = 1
    UNUSABLE = 2
    HOLD = 3


class PgolfError(Exception):
    """Bad input, told in one line: what is wrong, where, and what to do."""

    def __init__(self, problem: str, *, where: str = "", cure: str = "") -> None:
        self.problem = problem
        self.where = where
        self.cure = cure
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{head}. {self.cure}" if self.cure else head
