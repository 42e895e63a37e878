"""The questions that rules may ask of a program. The only door to this stage."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from pgolf_check.findings import Evidence, Place
from pgolf_check.program.events import (
    CellKind,
    Choice,
    DataRun,
    Divisor,
    Fed,
    Fetch,
    Lookup,
    Loss,
    Match,
    Report,
    Saved,
    Trace,
    Unresolved,
    Update,
    UpdateKind,
)


class Leak(StrEnum):
    """How a reported score came to depend on the tokens that it scores."""

    BEFORE_EVALUATION = "adapted on the tokens before they were scored"
    BEFORE_QUANTISATION = "adapted on the tokens before the model was packed"
    LATER_VISIT = "scored on a later visit, after learning the tokens on an earlier one"
    SAME_WINDOW = "scored with a table that was filled from the same window"
    RESCORED = "scored a second time with state built from the tokens"
    PER_WINDOW = "a fresh offset was fitted to the very tokens it then scores"
    CONTEXT_SHARED = "an offset was fitted to context tokens for a whole batch of windows"
    CALIBRATION = "weights were calibrated on the tokens"
    SECOND_PASS = "scored a second time, after the passage was learnt"
    TRAINED = "the training loop itself reads validation tokens"
    VALIDATED = "a validation adapted to the tokens, and training went on"


class Period(StrEnum):
    """On whose clock something happens."""

    TRAINING = "before the last training step"
    EVALUATION = "after it"
    UNKNOWN = "in a program that trains nothing"


@dataclass(frozen=True, slots=True)
class Path:
    """One proof: tokens are learnt at `update`, scored at `loss`, reported at `report`."""

    leak: Leak
    update: Update
    loss: Loss
    report: Report

    def evidence(self) -> tuple[Evidence, ...]:
        """The chain of lines from validation tokens to the score."""
        chain = [Evidence(place, "a loss over these tokens") for place in self.update.learnt_at]
        chain.append(Evidence(self.update.place, f"state learns from them ({self.update.kind})"))
        chain.append(Evidence(self.loss.place, "the same tokens are scored with that state"))
        chain.append(Evidence(self.report.place, "and the score is reported"))
        return tuple(dict.fromkeys(chain))


@dataclass(frozen=True, slots=True)
class Walked:
    """One source followed: the submitted script, or the one that a log recorded."""

    origin: str  # "submitted" or "logged"
    trace: Trace
    trained_at: int  # order of the last optimizer step on training data, or -1
    complete: bool
    clock_limits: frozenset[float] = frozenset()
    doubled_spaces: tuple[Place, ...] = ()  # byte tables that count a leading space twice
    headline: tuple[str, ...] = ()  # the logged lines that state it
    smears: tuple[Place, ...] = ()  # gates that reach across the documents of a packed stream

    def final_reports(self) -> tuple[Report, ...]:
        """What states the headline, else every report; running values only for want of others."""
        return _shallow(self._stating()) or _shallow(self.trace.reports)

    def other_reports(self) -> tuple[Report, ...]:
        """The reports of scores that are not the headline, where it is known which states it."""
        stating = self._stating()
        if not stating:
            return ()
        return tuple(r for r in _shallow(self.trace.reports) if r not in stating)

    def _stating(self) -> list[Report]:
        return [
            report
            for report in self.trace.reports
            if any(_can_print(report.template, line) for line in self.headline)
        ]

    def paths(self, *, others: bool = False) -> Iterator[Path]:
        """Every way in which a final score, or another, depends on the tokens it scores."""
        seen: set[tuple[int, int]] = set()
        for report in self.other_reports() if others else self.final_reports():
            for number in sorted(self._outermost(report.losses)):
                loss = self.trace.losses[number]
                for update_number in sorted(loss.offending):
                    update = self.trace.updates[update_number]
                    if update.kind is UpdateKind.GRADIENT and self._stepped(update, loss):
                        continue
                    mark = (id(update.place), id(loss.place))
                    if mark not in seen:
                        seen.add(mark)
                        yield Path(self._leak(update, loss), update, loss, report)

    def _outermost(self, losses: frozenset[int]) -> frozenset[int]:
        """Those that no other of them was made from."""
        parts = frozenset().union(*(self.trace.losses[number].parts for number in losses))
        return losses - parts

    def _stepped(self, gradient: Update, loss: Loss) -> bool:
        """Whether an optimizer step tells the same story as this gradient."""
        return any(
            self.trace.updates[number].kind is UpdateKind.OPTIMIZER
            and self.trace.updates[number].cell_id == gradient.cell_id
            for number in loss.offending
        )

    def _leak(self, update: Update, loss: Loss) -> Leak:
        common = set(update.loops) & set(loss.loops)
        if update.kind is UpdateKind.TABLE or update.cell is CellKind.TABLE:
            return Leak.SAME_WINDOW if _same_turn(update, loss) else Leak.RESCORED
        if update.fresh or update.cell is CellKind.PARAMETER:
            return Leak.CONTEXT_SHARED if update.prefix_only else Leak.PER_WINDOW
        if update.kind is UpdateKind.LOAD or (
            update.kind is UpdateKind.INPLACE and not update.learnt_at
        ):
            return Leak.CALIBRATION
        if common:
            apart = set(update.loops) - set(loss.loops)
            again = update.local and apart and self._scored_first(update)
            return Leak.SECOND_PASS if again else Leak.LATER_VISIT
        if self.trained_at < 0 or update.order < self.trained_at:
            between = self.trained_at >= 0 and self._scored_first(update)
            return Leak.VALIDATED if between else Leak.TRAINED
        if any(update.order < saved.order < loss.order for saved in self.trace.saved):
            return Leak.BEFORE_QUANTISATION
        if self._scored_first(update):
            return Leak.RESCORED
        return Leak.BEFORE_EVALUATION

    def _scored_first(self, update: Update) -> bool:
        """Whether the loop that learns had scored the tokens before learning them."""
        reported = frozenset().union(*(report.losses for report in self.trace.reports))
        return any(
            loss.order < update.order
            and not loss.offending
            and set(loss.loops) & set(update.loops)
            and loss.id in reported
            for loss in self.trace.losses
        )


def _extends(read: Lookup, context: Lookup, ratios: set[tuple[int, int]]) -> bool:
    """Whether a key is the context's key with more tokens mixed in."""
    if read.table == context.table or not context.slices:
        return False
    more, fewer = read.slices - context.slices, context.slices - read.slices
    if read.hashed and (read.id, context.id) in ratios and len(more) > len(fewer):
        return True  # a count over the count of its own context
    return len(more) > len(fewer) and len(read.slices & context.slices) > 1 + len(fewer)


def _shallow(reports: Sequence[Report]) -> tuple[Report, ...]:
    """Those that stand in the fewest loops."""
    depth = min((report.depth for report in reports), default=0)
    return tuple(report for report in reports if report.depth == depth)


def _same_turn(update: Update, loss: Loss) -> bool:
    """Whether tokens were learnt in the very turn of a loop that scores them.

    Within one window an order by position cannot be seen, so this is no proof.
    """
    scored = frozenset().union(*loss.regions)
    return all(region & scored for region in update.regions)


_WORD = re.compile(r"[A-Za-z]+")
_SCORE = re.compile(r"(?i)val_(?:loss|bpb)|bpb")


@cache
def _can_print(template: str, line: str) -> bool:
    """Whether a line is a template with its gaps filled, or bears the same label."""
    parts = [part.strip() for part in template.split("\0")]
    position = 0
    for part in parts:
        position = line.find(part, position)
        if position < 0:
            break
        position += len(part)
    else:
        return True
    label, known = (set(_WORD.findall(_SCORE.split(text)[0])) for text in (line, template))
    return len(label) > 1 and label <= known  # a label that was shortened since the run


@dataclass(frozen=True, slots=True)
class Program:
    """What is known of what a submission does."""

    walks: tuple[Walked, ...]
    switched: Walked | None = None  # all switches on; only where nobody says how it was run

    @property
    def submitted(self) -> Walked | None:
        """The walk through the submitted script."""
        return next((walk for walk in self.walks if walk.origin == "submitted"), None)

    def paths(self, *leaks: Leak) -> Iterator[Path]:
        """The proofs of the given kinds, over all sources."""
        for walk in self.walks:
            for path in walk.paths():
                if path.leak in leaks:
                    yield path

    def other_paths(self, *leaks: Leak) -> Iterator[Path]:
        """The proofs of the given kinds for scores that are not the headline."""
        for walk in self.walks:
            for path in walk.paths(others=True):
                if path.leak in leaks:
                    yield path

    def switched_paths(self) -> Iterator[Path]:
        """The proofs that hold only with switches on that are off unless somebody sets them."""
        known = {path.leak for walk in self.walks for path in walk.paths()}
        if self.switched:
            yield from (path for path in self.switched.paths() if path.leak not in known)

    def choices(self, *, elementwise: bool) -> Iterator[tuple[Choice, Report]]:
        """Choices between scores that reach a final report."""
        for walk in self.walks:
            seen: set[int] = set()
            for report in walk.final_reports():
                for number in report.choices - seen:
                    seen.add(number)
                    choice = walk.trace.choices[number]
                    if choice.elementwise is elementwise:
                        yield choice, report

    def target_lookups(
        self, *, others: bool = False
    ) -> Iterator[tuple[Lookup, Lookup | None, Report]]:
        """Counts read under a key that holds the token being scored, and the context's count."""
        for walk in self.walks:
            seen: set[int] = set()
            for report in walk.other_reports() if others else walk.final_reports():
                reads = [walk.trace.lookups[number] for number in report.lookups]
                targets = {walk.trace.losses[number].target_slices for number in report.losses}
                for read in reads:
                    context = next(
                        (other for other in reads if _extends(read, other, walk.trace.ratios)), None
                    )
                    if not report.ratio:
                        context = None  # several contexts looked up, but no count over count
                    own = any(target and target < read.slices for target in targets)
                    if (context is not None or own) and read.id not in seen:
                        seen.add(read.id)
                        yield read, context, report

    def byte_mixes(self) -> Iterator[tuple[Loss, Report]]:
        """Scores made from token losses spread over bytes and mixed there."""
        for walk in self.walks:
            for report in walk.final_reports():
                for number in report.losses:
                    loss = walk.trace.losses[number]
                    if loss.byte_shares:
                        yield loss, report

    def smoothed_hashes(self) -> Iterator[tuple[Lookup, Report]]:
        """Hashed counts that were smoothed with a probability, with the target in their key."""
        hashed = [(read, report) for read, _, report in self.target_lookups() if read.hashed]
        yield from ((read, report) for read, report in hashed if report.smoothed)

    def unmasked_smears(self) -> Iterator[Place]:
        """Gates that mix a document's first position with the end of the one before it."""
        for walk in self.walks:
            yield from walk.smears

    def neighbours(self) -> Iterator[Report]:
        """Final scores that mix in what followed contexts near to this one."""
        for walk in self.walks:
            yield from (report for report in walk.final_reports() if report.near)

    def given_counts(self) -> Iterator[tuple[Place, Report]]:
        """Counts of tokens from before evaluation: shipped, or fed from training data."""
        for walk in self.walks:
            divided = {number for pair in walk.trace.ratios for number in pair}
            for report in walk.final_reports():
                for number in sorted(report.lookups & divided):
                    if walk.trace.lookups[number].given:
                        yield walk.trace.lookups[number].place, report
                if report.lookups:  # other memory that training fills is the model
                    for number in sorted(report.fed):
                        yield walk.trace.feeds[number].place, report

    def entropy_experts(self) -> Iterator[Report]:
        """Reports whose score mixes in an entropy as if it were a loss."""
        for walk in self.walks:
            for report in walk.final_reports():
                if report.entropic:
                    yield report

    def matches(self) -> Iterator[tuple[Match, Report]]:
        """Scores decided by comparing targets with stored tokens."""
        for walk in self.walks:
            for report in walk.final_reports():
                for number in report.matches:
                    yield walk.trace.matches[number], report

    def fixed_divisors(self) -> Iterator[tuple[Divisor, Report]]:
        """Numbers that losses are divided by where no score looked up bytes."""
        for walk in self.walks:
            reports = walk.final_reports()
            if not any(report.counts_bytes for report in reports):
                for report in reports:
                    for number in sorted(report.divisors):
                        yield walk.trace.divisors[number], report

    def reports_on_given_bytes(self) -> Iterator[Report]:
        """Final scores whose byte table was read from a file."""
        for walk in self.walks:
            yield from (report for report in walk.final_reports() if report.given_bytes)

    def reads_sidecar(self) -> bool:
        """Whether a score was made with the bytes of each token, out of a file of their own."""
        return any(report.sidecar for walk in self.walks for report in walk.trace.reports)

    def drawn_scores(self) -> Iterator[tuple[Loss, Report]]:
        """Final scores, where the tokens of all of them were picked at random."""
        for walk in self.walks:
            pairs = [
                (walk.trace.losses[number], report)
                for report in walk.final_reports()
                for number in sorted(report.losses)
            ]
            if all(loss.drawn and not report.depth for loss, report in pairs):
                yield from pairs

    def calibrations_on_own_text(self) -> Iterator[DataRun]:
        """Statistics collected while the model runs on text that it sampled."""
        for walk in self.walks:
            yield from (run for run in walk.trace.runs if run.data == "model" and run.hooked)

    def dropped_tails(self) -> Iterator[Place]:
        """Lists of windows that leave out the last, shorter one."""
        for walk in self.walks:
            yield from walk.trace.tails

    def fetches(self) -> Iterator[tuple[Fetch, Period]]:
        """What was brought in from outside, and when."""
        for walk in self.walks:
            for fetch in walk.trace.fetches:
                if walk.trained_at < 0:
                    yield fetch, Period.UNKNOWN
                else:
                    late = fetch.order > walk.trained_at
                    yield fetch, Period.EVALUATION if late else Period.TRAINING

    def late_feeds(self) -> Iterator[tuple[Fed, Report]]:
        """Memory that a score depends on, filled from training tokens after the last step."""
        for walk in self.walks:
            for report in walk.final_reports():
                for number in sorted(report.fed):
                    fed = walk.trace.feeds[number]
                    if 0 <= walk.trained_at < fed.order:
                        yield fed, report

    def untimed_work(self) -> Iterator[tuple[Place, Report]]:
        """Tables that scores depend on, from before every clock they state.

        What learns the tokens that it scores is left to other questions.
        """
        for walk in self.walks:
            begun: dict[Update, tuple[int, Report]] = {}
            for report in walk.trace.reports:
                late = [order for order in report.clocks if order > walk.trained_at]
                if late and not any(walk.trace.losses[n].offending for n in report.losses):
                    for number in sorted(report.settled):
                        done = walk.trace.updates[number]
                        first = (min(late), report)
                        begun[done] = min(begun.get(done, first), first, key=lambda pair: pair[0])
            for done, (order, report) in begun.items():
                if walk.trained_at < done.order < order:
                    yield done.place, report

    def discarded_updates(self) -> Iterator[Update]:
        """Adaptation on validation tokens that no reported score depends on."""
        for walk in self.walks:
            used = {
                walk.trace.updates[number].place
                for report in walk.trace.reports
                for loss in report.losses
                for number in walk.trace.losses[loss].updates
            }
            for update in walk.trace.updates:
                if update.kind is UpdateKind.OPTIMIZER and update.place not in used:
                    yield update

    def late_training_runs(self) -> Iterator[DataRun]:
        """The model run on training data after the last training step."""
        for walk in self.walks:
            for run in walk.trace.runs:
                if run.data == "train" and 0 <= walk.trained_at < run.order:
                    yield run

    def clock_limits(self) -> frozenset[float]:
        """The milliseconds against which a loop compares its clock, as the code computes them."""
        return frozenset().union(*(walk.clock_limits for walk in self.walks))

    def validation_runs_that_learn(self) -> Iterator[DataRun]:
        """The model run on validation tokens with gradients on."""
        for walk in self.walks:
            yield from (run for run in walk.trace.runs if run.data == "val" and run.learns)

    def legal_updates(self) -> Iterator[tuple[Update, Loss]]:
        """Adaptation that a final score depends on and that learnt from earlier tokens only."""
        for walk in self.walks:
            for report in walk.final_reports():
                for number in sorted(report.losses):
                    loss = walk.trace.losses[number]
                    for update_number in sorted(loss.updates - loss.offending):
                        yield walk.trace.updates[update_number], loss

    def unresolved(self) -> Iterator[Unresolved]:
        """What a final score depends on and could not be followed."""
        walk = self.submitted
        if walk is None:
            return
        numbers: set[int] = set()
        for report in walk.final_reports():
            numbers |= report.unresolved
        yield from (walk.trace.unresolved[number] for number in sorted(numbers))

    def prints(self, line: str) -> bool:
        """Whether a report that was followed can have printed a logged line."""
        templates = {report.template for walk in self.walks for report in walk.trace.reports}
        return any(_can_print(template, line) for template in templates)

    @property
    def scores(self) -> bool:
        """Whether a reported score over validation tokens was found in the submitted script."""
        walk = self.submitted
        return walk is not None and bool(walk.trace.reports)


__all__ = [
    "Choice",
    "DataRun",
    "Divisor",
    "Fed",
    "Fetch",
    "Leak",
    "Lookup",
    "Loss",
    "Match",
    "Path",
    "Period",
    "Program",
    "Report",
    "Saved",
    "Unresolved",
    "Update",
    "UpdateKind",
    "Walked",
]
