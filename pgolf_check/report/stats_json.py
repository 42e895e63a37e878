"""Comparisons as data, in the form of `docs/schemas/stats.schema.json`."""

from collections.abc import Sequence
from typing import Any

from pgolf_check.measure.check import Recomputed
from pgolf_check.measure.comparison import Comparison
from pgolf_check.measure.gates import Gate, Hypothesis
from pgolf_check.measure.power import Power
from pgolf_check.measure.samples import Sample
from pgolf_check.measure.welch import NoTest, TTest, interval, interval_of

SCHEMA = "pgolf.stats/1"


def document(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """All of them."""
    return {"schema": SCHEMA, "comparisons": [_comparison(each) for each in comparisons]}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    gained = comparison.improvement
    return {
        "unit": comparison.unit.value,
        "new": _sample(comparison.new),
        "old": _sample(comparison.old),
        "improvement": {
            "bpb": gained.bpb,
            "nats_per_token": gained.nats_per_token,
            "nats_per_byte": gained.nats_per_byte,
        },
        "hypotheses": [_hypothesis(each) for each in comparison.hypotheses],
        "gates": [_gate(each) for each in comparison.gates],
        "chosen": comparison.chosen.edition.name,
        "warnings": [
            {"doubt": each.doubt.value, "message": each.message} for each in comparison.warnings
        ],
        "quoted": [_quoted(each) for each in comparison.quoted],
    }


def _sample(sample: Sample) -> dict[str, Any]:
    summary = sample.summary
    ends = interval(summary)
    return {
        "name": sample.name,
        "about": sample.about,
        "n": summary.n,
        "mean": summary.mean,
        "sd": summary.sd,
        "standard_error": summary.standard_error,
        "interval_95": list(ends) if ends else None,
        "bytes_per_token": sample.bytes_per_token,
        "logged": sample.logged,
        "seeds": [
            {"seed": seed.seed, "value": seed.value, "log": seed.log or None}
            for seed in sample.seeds
        ],
    }


def _hypothesis(hypothesis: Hypothesis) -> dict[str, Any]:
    relabelled = hypothesis.permutation
    return {
        "margin": hypothesis.margin,
        "margin_nats_per_token": hypothesis.margin_nats_per_token,
        "bytes_per_token": hypothesis.bytes_per_token,
        "test": _test(hypothesis.test),
        "permutation": relabelled
        and {
            "p": relabelled.p,
            "arrangements": relabelled.arrangements,
            "exact": relabelled.exact,
            "smallest_p": relabelled.smallest,
        },
    }


def _test(test: TTest | NoTest) -> dict[str, Any]:
    if isinstance(test, NoTest):
        return {"method": None, "reason": test.reason}
    return {
        "method": test.method.value,
        "improvement": test.improvement,
        "interval_95": list(interval_of(test)),
        "standard_error": test.standard_error,
        "t": test.t,
        "df": test.df,
        "p": test.p,
    }


def _gate(gate: Gate) -> dict[str, Any]:
    edition = gate.edition
    return {
        "edition": edition.name,
        "since": edition.since.isoformat(),
        "p_threshold": edition.p_threshold,
        "margin_nats_per_token": edition.margin_nats_per_token,
        "answer": gate.answer.value,
        "reason": gate.reason,
        "power": gate.power and _power(gate.power),
    }


def _power(power: Power) -> dict[str, Any]:
    return {"now": power.now, "seeds_needed": power.seeds, "reason": power.reason or None}


def _quoted(found: Recomputed) -> dict[str, Any]:
    return {
        "line": found.quote.line,
        "figure": found.quote.figure.value,
        "quoted": found.quote.value,
        "below": found.quote.below,
        "text": found.quote.text,
        "holding": found.holding.value,
        "recomputed": found.value,
        "explanation": found.explanation,
        "doubts": [doubt.value for doubt in found.doubts],
    }
