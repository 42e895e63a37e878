"""What a preset says, as frozen dataclasses. Each section of the TOML file is one of them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Model:
    """The shape of the network."""

    layers: int = 9
    width: int = 512
    heads: int = 8
    kv_heads: int = 4
    hidden: int = 1024  # of the MLP
    vocab: int = 1024
    rope_base: float = 10_000.0
    q_gain: float = 1.5
    softcap: float = 30.0
    embed_std: float = 0.005

    @property
    def head_width(self) -> int:
        """Channels of one head."""
        return self.width // self.heads

    @property
    def kv_width(self) -> int:
        """Channels of all key (or value) heads."""
        return self.kv_heads * self.head_width


@dataclass(frozen=True)
class Data:
    """How training tokens become batches."""

    loader: str = "sequential"  # or "shuffled"
    sequence: int = 1024
    batch_tokens: int = 524_288
    micro_batches: int = 8  # per step over all ranks: the ranks must divide it


@dataclass(frozen=True)
class Optimiser:
    """Muon for matrices, AdamW for the rest."""

    matrix_lr: float = 0.04
    scalar_lr: float = 0.04
    embed_lr: float = 0.05
    momentum: float = 0.95
    momentum_start: float = 0.85
    momentum_steps: int = 500
    newton_schulz_steps: int = 5
    matrix_decay: float = 0.0
    adam_decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.95
    eps: float = 1e-8
    clip: float = 0.0  # global gradient norm; 0 leaves gradients alone


@dataclass(frozen=True)
class Schedule:
    """When the run ends and how the learning rate gets there."""

    steps: int = 20_000
    seconds: float = 600.0  # 0: no wall-clock cap
    reserve_seconds: float = 0.0  # kept free of training inside the cap
    warmup_steps: int = 20  # compile and allocate, then restore; not counted
    warmdown_steps: int = 1200
    warmdown_fraction: float = 0.0  # of the budget; replaces warmdown_steps where positive
    min_lr: float = 0.0
    log_every: int = 200
    validate_every: int = 1000  # 0: only at the end
    checkpoint_every: int = 0


@dataclass(frozen=True)
class Average:
    """Which mean of the weights is exported."""

    ema: float = 0.0  # decay; 0: off
    swa_every: int = 0  # 0: off
    swa_below: float = 0.5  # snapshots only while the learning-rate multiplier is below


@dataclass(frozen=True)
class Qat:
    """Straight-through fake quantisation of the block matrices."""

    bits: int = 0  # 0: off
    below: float = 1.0  # on once the learning-rate multiplier is at or below; 1: from the start


@dataclass(frozen=True)
class Rule:
    """How tensors whose names match are stored."""

    match: str  # fnmatch pattern
    bits: int  # 5 to 8 per row; 16 and 32 keep floats
    search: bool = False  # try several clips a row instead of one percentile
    step: int = 1  # keep only multiples of this code


@dataclass(frozen=True)
class Quantise:
    """Ordered rules; the first match decides."""

    small: int = 65_536  # tensors up to this many elements stay fp16
    rules: tuple[Rule, ...] = (Rule("*", 8),)


@dataclass(frozen=True)
class Pack:
    """Codecs to try; the smallest result wins."""

    codecs: tuple[str, ...] = ("zlib",)
    cap_bytes: int = 16_000_000


@dataclass(frozen=True)
class Evaluate:
    """Evaluators to run on the reloaded artifact; the last one is the headline."""

    kinds: tuple[str, ...] = ("standard",)
    sequence: int = 1024
    stride: int = 64
    batch: int = 32  # windows or documents at once
    seconds: float = 600.0
    ttt_lr: float = 0.002
    ttt_momentum: float = 0.9
    ttt_epochs: int = 3
    ttt_chunk: int = 32_768
    ttt_clip: float = 1.0
    lora_rank: int = 8
    lora_lr: float = 0.01
    lora_chunk: int = 256


@dataclass(frozen=True)
class Machine:
    """How the device is used. Empty: bf16 and compilation on CUDA, neither on a CPU."""

    precision: str = ""  # of matrix products: bf16 or fp32
    compile: str = ""  # on or off


@dataclass(frozen=True)
class Reported:
    """What the source reported, for comparison; nothing here enters a run."""

    source: str = ""
    parameters: int = 0
    val_bpb: float = 0.0
    artifact_bytes: int = 0
    legality: str = "OK"


@dataclass(frozen=True)
class Preset:
    """One system, complete."""

    name: str
    model: Model = field(default_factory=Model)
    data: Data = field(default_factory=Data)
    optimiser: Optimiser = field(default_factory=Optimiser)
    schedule: Schedule = field(default_factory=Schedule)
    average: Average = field(default_factory=Average)
    qat: Qat = field(default_factory=Qat)
    quantise: Quantise = field(default_factory=Quantise)
    pack: Pack = field(default_factory=Pack)
    evaluate: Evaluate = field(default_factory=Evaluate)
    machine: Machine = field(default_factory=Machine)
    reported: Reported = field(default_factory=Reported)
