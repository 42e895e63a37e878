"""The runs of a submission that some count puts over the cap, with all their counts."""

from pgolf_check.submission.facts import Submission
from pgolf_check.submission.headline import logs_behind
from pgolf_check.submission.minify import minimal_code
from pgolf_check.submission.sizes import RunSize, Way, run_sizes


def over_somewhere(submission: Submission, cap: int) -> list[RunSize]:
    """Runs behind the headline, or all where none is, that are over by what is known of them.

    Minifying and compressing costs more than all the rest, so it is done for these alone.
    """
    behind = {log.path for log in logs_behind(submission.headline, submission.logs)}
    over = {
        run.log
        for run in run_sizes(submission)
        if (not behind or run.log in behind)
        and any((run.count(way).total or 0) > cap for way in (Way.LOGGED, Way.SHIPPED))
    }
    if not over:
        return []
    smallest = minimal_code(submission, codecs=("lzma",))
    return [run for run in run_sizes(submission, minimal=smallest) if run.log in over]
