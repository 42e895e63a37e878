"""Every cap on hostile input in one place, each with its reason."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a submission may cost its referee."""

    files: int = 5_000  # the largest real PR adds a few hundred to one folder
    depth: int = 8  # folders below the submission's own
    source_bytes: int = 2 * MIB  # the longest real script is 1.6 MB
    all_source_bytes: int = 16 * MIB
    log_bytes: int = 32 * MIB
    all_log_bytes: int = 256 * MIB
    line_chars: int = 8_192  # longer log lines are cut, and that is reported
    json_bytes: int = MIB
    json_depth: int = 64
    number_digits: int = 40
    layers: int = 8  # of packing; no real script has more than one
    unpacked_bytes: int = 64 * MIB  # of code, over all layers
    weights_bytes: int = 512 * MIB  # of an artifact checked with --unpack
    brackets: int = 200  # CPython's own limit
    operators: int = 2_000  # in one logical line
    worker_memory: int = 1_024 * MIB
    worker_cpu_seconds: int = 25
    worker_wall_seconds: int = 30  # no real head may take longer
    findings_per_rule: int = 20
    changed: int = 50_000  # files one pull request touches; the largest real one has some 2,000


LIMITS = Limits()
