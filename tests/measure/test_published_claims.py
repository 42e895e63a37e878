"""Every published significance claim that was ever argued about, recomputed.

Values are per-seed scores from the heads of openai/parameter-golf; `t`, `df` and `p` are given to
the digits in which they were re-derived by hand, independently of this program.
"""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from scipy import stats

from pgolf_check.measure.quoted import recompute
from pgolf_check.measure.samples import Sample, sample_of
from pgolf_check.measure.units import Unit
from pgolf_check.measure.welch import Method, TTest, t_test

CASEOPS, SP8192, SP1024 = 3.157152, 3.726631, 2.435924
PR1493 = "1.08079 1.08103 1.08118"
PR1514 = "1.07928348 1.07996676 1.08024795"
PR1529 = "1.07506048 1.07645101 1.07585093"
PR1736 = "1.0661 1.06473 1.06563"
PR1769 = "1.06356801 1.0641313 1.06466993 1.06509678 1.06516558"
PR1855 = "1.05989454 1.06124613 1.06208695"
PR1855_ALL = "1.060755+-0.000933/6"
PR1868 = "1.06128183 1.06086831 1.06220261"
PR1868_RERUN = "1.06083288 1.06090748 1.06248776"
PR1945 = "1.05867499 1.05939426 1.06024251"
PR1953 = "1.0582472 1.05846113 1.05895276"
PR2014 = "1.05740567 1.05730104 1.05807084"
PR2135 = "1.05662016 1.05610947 1.05679341"
TEN_LAYERS = "2.04683482 2.04998529 2.04799422 2.04579765 2.04872971"
MLP3X = "1.96976839 1.96607538 1.96296420 1.97030598 1.96775823"
BASELINE = "2.07269931"
PR66 = "1.16356083 1.16275343 1.16337225"
PR88 = "1.1605 1.1645 1.1625"
PR179 = "1.14820731 1.14425474 1.14924290"
PR60 = "1.17558517 1.17423973 1.17443456"
PR1812 = "1.07303003 1.07272475 1.07295259"
PR1508 = "1.11409842 1.11417990 1.11347544 1.11307168 1.11306375 1.11304546"
PR1019 = "1.11508120 1.11437394 1.11475014"
PR991 = "1.1142 1.1148 1.1144"
PR549 = "1.11922988 1.11888882 1.12002032"
PR2009 = "1.0500312 1.0513847 1.0508921"
PR1967 = "1.058065+-0.001084/4"  # the mean follows from the t, df and sd that are known
PR1906 = "1.06068 1.06163 1.06177"
PR1738 = "1.03484145 1.03618043 1.03519273"
PR1130_NATS = "1.8793 1.8800 1.8801 1.8807 1.8808 1.8807 1.8808 1.8815 1.8814 1.8817 1.8818 1.8820"
PR1130 = (
    "1.11392722 1.11302350 1.11429271 1.11347537 1.11465746 1.11386428 "
    "1.11445313 1.11387425 1.11431956 1.11452359 1.11393815 1.11344915"
)


@dataclass(frozen=True)
class Claim:
    """A quoted figure, what it comes to, and which doubts it deserves."""

    row: str
    new: str
    old: str
    p: str = ""
    t: str = ""
    df: str = ""
    margin: float = 0.0
    quoted: str = ""
    doubts: tuple[str, ...] = ()
    unit: Unit = Unit.BPB
    bytes_per_token: float = CASEOPS

    def samples(self) -> tuple[Sample, Sample]:
        return self._sample(self.new, "new"), self._sample(self.old, "old")

    def _sample(self, text: str, name: str) -> Sample:
        sample = sample_of(text, name, self.unit)
        return Sample(
            name, sample.unit, sample.seeds, sample.published, sample.rounding, self.bytes_per_token
        )


CLAIMS = [
    Claim("1", PR1514, PR1493, "0.0204", "3.79", "2.61", quoted="Welch p = 0.020"),
    Claim("2", PR1529, PR1514, "0.00093", quoted="Welch p = 0.001"),
    Claim("3", PR1769, PR1736, "0.0625", quoted="Welch p = 0.063"),
    Claim("4", PR1855_ALL, PR1868, "0.1275", quoted="Welch p = 0.127"),
    Claim("4, three seeds", PR1855, PR1868, "0.324"),
    Claim("5", PR1855_ALL, PR1868_RERUN, "0.188", quoted="Welch p = 0.188"),
    Claim("6", PR1945, PR1855, "0.0561", quoted="Welch p = 0.034", doubts=("population-sd",)),
    Claim("6, six old", PR1945, PR1855_ALL, "0.039"),
    Claim("7", PR1953, PR1945, "0.0904", quoted="Welch p = 0.063", doubts=("population-sd",)),
    Claim("8", PR2014, PR1953, "0.0202", quoted="Welch p = 0.011", doubts=("population-sd",)),
    Claim("9", PR2135, PR2014, "0.0139", quoted="Welch p = 0.014"),
    Claim(
        "10",
        TEN_LAYERS,
        BASELINE,
        t="34.12",
        df="4",
        quoted="improvement beyond the 0.005 threshold: t-statistic: 34.12 (df=4)",
        doubts=("against-constant", "no-margin"),
        unit=Unit.NATS,
    ),
    Claim("10, margin", TEN_LAYERS, BASELINE, "5.4e-6", "27.2", margin=0.005, unit=Unit.NATS),
    Claim(
        "11",
        MLP3X,
        BASELINE,
        t="78.93",
        df="4",
        quoted="21x the 0.005 threshold. t-statistic: 78.93 (df=4)",
        doubts=("against-constant", "no-margin"),
        unit=Unit.NATS,
    ),
    Claim("11, margin", MLP3X, BASELINE, "9.4e-8", "75.2", margin=0.005, unit=Unit.NATS),
    Claim(
        "12",
        PR66,
        "1.2244",
        quoted="Threshold: 1.2194. One-sample t-test: t = 230.34",
        doubts=("against-constant", "wrong-unit"),
        bytes_per_token=SP1024,
    ),
    Claim("12, its constant", PR66, "1.2194", t="230.34", bytes_per_token=SP1024),
    Claim(
        "13",
        PR88,
        "1.2244",
        t="53.61",
        quoted="t-statistic: -56.84",
        doubts=("not-reproduced",),
        bytes_per_token=SP1024,
    ),
    Claim(
        "13, p",
        PR88,
        "1.2244",
        quoted="t-statistic: -56.84, df=2, p-value: 0.00015",
        doubts=("not-reproduced", "not-reproduced"),
        bytes_per_token=SP1024,
    ),
    Claim(
        "14",
        PR179,
        "1.1748",
        "0.0015",
        "18.14",
        "2",
        quoted="p-value vs previous SOTA: 0.0008 (Welch's t-test)",
        doubts=("not-reproduced",),
        bytes_per_token=SP1024,
    ),
    Claim(
        "14, the old seeds",
        PR179,
        PR60,
        quoted="p-value vs previous SOTA: 0.0008 (Welch's t-test)",
        bytes_per_token=SP1024,
    ),
    Claim(
        "15",
        PR1812,
        PR1493,
        "5.2e-7",
        "55.49",
        "3.83",
        quoted="Welch t = -54.93 (df = 3.80), p < 1e-7, better by 0.0081 nats",
        doubts=("not-reproduced", "wrong-unit"),
        bytes_per_token=SP8192,
    ),
    Claim(
        "16",
        PR1508,
        PR1019,
        "0.0029",
        "4.19",
        "5.98",
        quoted="Welch's t-test: t = -4.19, df = 6.6, p = 0.00289",
        doubts=("wrong-df",),
        bytes_per_token=SP1024,
    ),
    Claim("17", PR991, "1.1194", t="27.97", bytes_per_token=SP1024),
    Claim(
        "17, quoted",
        PR991,
        PR549,
        quoted="vs 1.1194: improvement = 0.0049 nats, t-stat = 28.3",
        doubts=("against-constant", "wrong-unit"),
        bytes_per_token=SP1024,
    ),
    Claim(
        "18",
        PR2009,
        PR1855,
        "0.00024",
        "13.72",
        "3.34",
        quoted="Two-sample t-test: t = 4.32, p = 0.0063",
        doubts=("not-reproduced", "not-reproduced"),
    ),
    Claim(
        "19",
        PR1967,
        PR1855_ALL,
        "0.0035",
        "4.06",
        "5.84",
        quoted="Welch: std 0.00103, t = 4.29, p = 0.0026",
        doubts=("not-reproduced", "not-reproduced"),
    ),
    Claim(
        "20",
        PR1906,
        "1.06335",
        "0.014",
        "5.81",
        quoted="an improvement of 5.8 sigma",
        doubts=("z-for-few", "against-constant"),
    ),
    Claim("21", PR1738, "1.0429", "0.27", "0.71", margin=0.00721),
    Claim(
        "22",
        PR1130_NATS,
        "1.8900",
        t="17.34",
        df="11",
        margin=0.005,
        quoted="One-sample t-test vs 0.005 nats improvement: t = -17.34",
        doubts=("against-constant",),
        unit=Unit.NATS,
        bytes_per_token=SP1024,
    ),
    Claim(
        "22, in BPB",
        PR1130,
        "1.1194",
        "0.007",
        "2.93",
        "11",
        margin=0.005,
        quoted="One-sample t-test vs 0.005 bpb improvement: t = -2.93, p = 0.007",
        doubts=("against-constant", "wrong-unit", "against-constant", "wrong-unit"),
        bytes_per_token=SP1024,
    ),
]
IDS = [claim.row for claim in CLAIMS]


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_agrees_with_scipy(claim):
    new, old = claim.samples()
    found = t_test(new.summary, old.summary, claim.margin)
    expected = _by_scipy(new, old, claim.margin)
    assert isinstance(found, TTest)
    assert -expected.statistic == pytest.approx(found.t, rel=1e-9)
    assert expected.pvalue == pytest.approx(found.p, rel=1e-9)
    if found.method is Method.WELCH and new.values and old.values:
        assert expected.df == pytest.approx(found.df, rel=1e-9)


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_agrees_with_the_printed_digits(claim):
    new, old = claim.samples()
    found = t_test(new.summary, old.summary, claim.margin)
    assert isinstance(found, TTest)
    for printed, value in ((claim.p, found.p), (claim.t, found.t), (claim.df, found.df)):
        assert not printed or _prints(value, printed), (printed, value)


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.quoted], ids=lambda claim: claim.row)
def test_the_right_doubts(claim):
    new, old = claim.samples()
    found = recompute(claim.quoted, new, old)
    assert found
    doubts = [doubt.value for each in found for doubt in each.doubts]
    assert sorted(claim.doubts) == sorted(doubts), [each.explanation for each in found]


def _by_scipy(new: Sample, old: Sample, margin: float):
    """What scipy says; alternative: the new mean is the lower one."""
    if old.summary.sd is None:
        bar = old.summary.mean - margin
        if new.values:
            return stats.ttest_1samp(new.values, bar, alternative="less")
    elif new.values and old.values:
        moved = [value - margin for value in old.values]
        return stats.ttest_ind(new.values, moved, equal_var=False, alternative="less")
    a, b = new.summary, old.summary
    return stats.ttest_ind_from_stats(
        a.mean, a.sd, a.n, b.mean - margin, b.sd, b.n, equal_var=False, alternative="less"
    )


def _prints(value: float, printed: str) -> bool:
    """Whether the value is what was printed, give or take one in the last digit."""
    unit = 10.0 ** Decimal(printed).as_tuple().exponent
    return abs(value - float(printed)) < unit
