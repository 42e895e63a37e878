"""The whole way from a submission to a judgement."""

import time
from dataclasses import replace
from pathlib import Path

from pgolf_check.audited import Audited, CodeRead
from pgolf_check.case import Case
from pgolf_check.editions import Edition, edition_named, editions
from pgolf_check.findings import Axis, Judgement, Place
from pgolf_check.judge.registry import all_rules, rule_named
from pgolf_check.judge.run import judge
from pgolf_check.judge.verdict import verdicts
from pgolf_check.law import hold
from pgolf_check.program.build import build_program
from pgolf_check.program.queries import Program
from pgolf_check.submission.facts import Problem, ProblemKind, Submission, Target
from pgolf_check.submission.read import read_folder, read_ref


def audit(submission: Submission, edition: Edition | None = None) -> Judgement:
    """Judge one submission by an edition of the rules, the newest if none is named."""
    started = time.perf_counter()
    program, problems = _followed(submission)
    known = replace(submission, problems=(*submission.problems, *problems))
    judgement = judge(Case(known, program, edition or editions()[-1]))
    return replace(judgement, elapsed_ms=(time.perf_counter() - started) * 1e3)


def audit_folder(path: Path, edition: str | None) -> list[Audited]:
    """Read and judge the submission in a folder; for a worker."""
    started = time.perf_counter()
    return _all(read_folder(path), edition, started)


def audit_ref(repo: Path, ref: str, base: str | None, edition: str | None) -> list[Audited]:
    """Read and judge every submission that a ref hands in; for a worker."""
    started = time.perf_counter()
    return _all(read_ref(repo, ref, base), edition, started)


def not_judged(target: Target, problem: Problem, edition: str | None) -> Audited:
    """What is to be said of a target that ended the worker: nothing about it is decided."""
    rule = rule_named("FMT-READABLE").rule
    finding = hold(rule, f"nothing could be judged: reading {problem.message}")
    findings = tuple(replace(finding, axis=axis) for axis in Axis)
    judgement = Judgement(verdicts(findings), findings, (), ())
    return Audited(target, judgement, (rule,), _edition(edition).name)


def _all(submissions: list[Submission], edition: str | None, started: float) -> list[Audited]:
    chosen = _edition(edition)
    out = []
    for submission in submissions:
        audited = audited_by(submission, chosen)
        elapsed = (time.perf_counter() - started) * 1e3
        out.append(replace(audited, judgement=replace(audited.judgement, elapsed_ms=elapsed)))
        started = time.perf_counter()
    return out


def _edition(name: str | None) -> Edition:
    return edition_named(name) if name else editions()[-1]


def audited_by(submission: Submission, edition: Edition) -> Audited:
    """A submission with its judgement, small enough to leave a worker."""
    sources = (*submission.wrappers, submission.entry, *submission.modules, *submission.natives)
    return Audited(
        target=submission.target,
        judgement=audit(submission, edition),
        rules=tuple(entry.rule for entry in all_rules()),
        edition=edition.name,
        track=submission.track,
        copy_of=submission.copy_of,
        headline=submission.headline,
        code=tuple(CodeRead(s.path, s.role.value, s.layer, s.codec) for s in sources if s),
        logs=tuple(log.path for log in submission.logs),
    )


def _followed(submission: Submission) -> tuple[Program, tuple[Problem, ...]]:
    """The program, or why it could not be followed: the other axes can be judged all the same."""
    try:
        return build_program(submission), ()
    except Exception as error:
        place = submission.entry.place(0) if submission.entry else Place("")
        message = f"the program could not be followed: {type(error).__name__}: {error}"
        return Program(()), (Problem(ProblemKind.UNPARSED, message, place),)
