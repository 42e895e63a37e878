"""The runs of a submission that some count puts over the cap, with all their counts."""

from pgolf_check.submission.facts import Submission
from pgolf_check.submission.headline import logs_behind
from pgolf_check.submission.minify import compressed_code, minimal_code
from pgolf_check.submission.sizes import Count, RunSize, Way, run_sizes


def over_somewhere(submission: Submission, cap: int) -> list[RunSize]:
    """Runs behind the headline, or all where none is, that are over by what is known of them."""
    behind = {log.path for log in logs_behind(submission.headline, submission.logs)}
    over = {
        run.log
        for run in run_sizes(submission)
        if (not behind or run.log in behind)
        and any((run.count(way).total or 0) > cap for way in (Way.LOGGED, Way.SHIPPED))
    }
    if not over:
        return []
    # Minifying costs more than all other rules together: only where plain zlib does not do.
    for shrink in (compressed_code, minimal_code):
        sizes = run_sizes(submission, minimal=shrink(submission))
        runs = [run for run in sizes if run.log in over]
        if all(_settled(run.count(Way.MINIMAL), cap) for run in runs):
            break
    return runs


def _settled(count: Count, cap: int) -> bool:
    """Whether smaller code would change nothing: it fits already, or the model alone does not."""
    return (count.total or 0) <= cap or (count.model is not None and count.model.size > cap)


def told(run: RunSize) -> str:
    """The counts of a run in words. The smallest is a bound: other codecs may do better."""
    totals = {way: run.count(way).total for way in Way}
    shown = {way: f"{total:,}" for way, total in totals.items() if total is not None}
    if Way.MINIMAL in shown:
        shown[Way.MINIMAL] = f"at most {shown[Way.MINIMAL]}"
    return ", ".join(f"{way} {text}" for way, text in shown.items())
