"""ART-SELFCONT: an evaluation needs nothing but the artifact and the validation text."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found, hold, note
from pgolf_check.program.queries import Period
from rules.scaffold import evaluation

RULE = Rule(
    id="ART-SELFCONT",
    title="Downloads at evaluation",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README, FAQ: no external downloads or network calls in evaluation"),
    statement="The artifact is self-contained: nothing is fetched from the network once training "
    "is over. What a script downloads before it trains is preparation; better done by a script of "
    "its own. Packages that anybody can install may be installed.",
    remedy="Put what is needed into the artifact, or fetch it before the clock starts.",
)

_PLAIN = """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
"""

ILLEGAL: list[Example] = [
    evaluation(
        "a model from elsewhere helps to score",
        f"""
        import urllib.request

        urllib.request.urlretrieve("https://example.org/helper.pt", "helper.pt")  # <-
{_PLAIN}
        """,
    ),
    evaluation(
        "the same through a shell",
        f"""
        import subprocess

        subprocess.run(["curl", "-O", "https://example.org/helper.pt"], check=True)  # <-
{_PLAIN}
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation("nothing is fetched", _PLAIN),
    evaluation(
        "a shell that looks at the devices",
        f"""
        import subprocess

        print(subprocess.run(["nvidia-smi"], capture_output=True, text=True).stdout)
{_PLAIN}
        """,
    ),
    evaluation(
        "a package is installed where it is missing",
        f"""
        import subprocess

        try:
            import zstandard
        except ImportError:
            subprocess.run(["pip", "install", "zstandard"], check=True)
{_PLAIN}
        """,
    ),
    evaluation(
        "data is fetched, and then the training begins",
        f"""
        import subprocess

        subprocess.run(["wget", "https://example.org/fineweb_train_000000.bin"], check=True)
        train()
{_PLAIN}
        """,
    ),
]

UNDECIDED: list[Example] = [
    evaluation(
        "something is fetched unless it is there",
        f"""
        import urllib.request

        if not os.path.exists("helper.pt"):
            urllib.request.urlretrieve("https://example.org/helper.pt", "helper.pt")  # <-
{_PLAIN}
        """,
    ),
    evaluation(
        "a script that trains nothing, so that nobody can tell when evaluation begins",
        f"""
        from huggingface_hub import hf_hub_download

        hf_hub_download("someone/something", "helper.pt")  # <-
{_PLAIN}
        """,
        settings={"TRAIN": "0"},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Everything that is fetched, by when it is fetched."""
    for fetch, period in case.program.fetches():
        shown = (at(fetch.place, "reaches out"),)
        if period is Period.TRAINING:
            yield note(RULE, f"{fetch.what} fetches something before training is over.", shown)
        elif period is Period.EVALUATION:
            say = found if fetch.certain else hold
            yield say(RULE, f"{fetch.what} fetches something after training.", shown)
        else:
            message = f"{fetch.what} fetches something, and no training was found to set it apart."
            yield hold(RULE, message, shown)
