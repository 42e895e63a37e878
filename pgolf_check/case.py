"""What a rule is given to decide on."""

from dataclasses import dataclass

from pgolf_check.editions import Edition
from pgolf_check.program.queries import Program
from pgolf_check.submission.facts import Submission


@dataclass(frozen=True, slots=True)
class Case:
    """A submission, what its program does, and the numbers in force."""

    submission: Submission
    program: Program
    edition: Edition
