"""What a neural network class of a submission does, as far as a referee must know.

The inside of a forward pass is never followed: a network maps inputs and weights to outputs. What
matters is whether a method computes a loss, and whether it is network code at all or bookkeeping
that must be followed like any other function.
"""

import ast
from dataclasses import dataclass

from pgolf_check.program.values import Class, Value

LOSS_CALLS = frozenset(
    {"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss", "kl_div", "binary_cross_entropy"}
)
_LAYER_CALLS = frozenset(
    {
        "linear", "rms_norm", "layer_norm", "embedding", "scaled_dot_product_attention",
        "conv1d", "conv2d", "bmm", "baddbmm", "einsum", "addmm", "rsqrt", "silu", "gelu", "relu",
        "flash_attn_func", "flash_attn_varlen_func",
    }
)  # fmt: skip
_RESETS = frozenset(
    {"zero_", "fill_", "normal_", "uniform_", "kaiming_uniform_", "zeros_", "copy_", "orthogonal_"}
)


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What one method does."""

    is_network: bool  # applies layers
    has_loss: bool
    resets: bool  # overwrites its weights without looking at data


_facts: dict[int, tuple[ast.AST, MethodFacts]] = {}


def is_neural_base(base: Value) -> bool:
    """Whether a base class makes its subclasses neural networks."""
    if base.kind == "class":
        return bool(base.data.is_neural)
    if base.kind != "lib":
        return False
    last = base.data.rsplit(".", 1)[-1]
    return last == "Module" or (".nn." in f".{base.data}." and last[:1].isupper())


def is_optimizer_base(base: Value) -> bool:
    """Whether a base class makes its subclasses optimizers."""
    if base.kind == "class":
        return bool(base.data.is_optimizer)
    return base.kind == "lib" and ("optim" in base.data or base.data.endswith("Optimizer"))


def method_facts(cls: Class, name: str) -> MethodFacts:
    """What a method does, calls to its own class's methods included."""
    found = cls.find(name)
    if found is None or found.kind != "function":
        return MethodFacts(is_network=True, has_loss=False, resets=False)
    node = found.data.node
    known = _facts.get(id(node))
    if known is not None and known[0] is node:
        return known[1]
    facts = _scan(cls, node)
    if len(_facts) > 4_000:
        _facts.clear()
    _facts[id(node)] = (node, facts)
    return facts


def _scan(cls: Class, start: ast.AST) -> MethodFacts:
    is_network = has_loss = overwrites = learns = False
    pending, seen = [start], {id(start)}
    while pending:
        method = pending.pop()
        arguments = getattr(method, "args", None)
        own = arguments.args[0].arg if arguments and arguments.args else ""
        for node in ast.walk(method):
            if not isinstance(node, ast.Call):
                continue
            func = node.func
            name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            has_loss = has_loss or name in LOSS_CALLS
            is_network = is_network or name in _LAYER_CALLS
            overwrites = overwrites or name in _RESETS
            learns = learns or name in ("backward", "step")
            of_self = (
                isinstance(func, ast.Attribute)
                and isinstance(func.value, ast.Name)
                and func.value.id == own
            )
            if of_self:
                inner = cls.find(name)
                if inner is None:
                    is_network = is_network or name not in _PLAIN
                elif inner.kind == "function" and id(inner.data.node) not in seen:
                    seen.add(id(inner.data.node))
                    pending.append(inner.data.node)
            elif isinstance(func, ast.Subscript):
                is_network = True  # self.blocks[i](x)
    return MethodFacts(is_network, has_loss, overwrites and not is_network and not learns)


_PLAIN = frozenset(
    {
        "parameters", "named_parameters", "buffers", "named_buffers", "modules", "named_modules",
        "children", "state_dict", "load_state_dict", "register_buffer", "register_parameter",
        "train", "eval", "to", "apply", "zero_grad", "requires_grad_", "float", "half", "bfloat16",
    }
)  # fmt: skip
