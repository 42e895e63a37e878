"""Which expressions can go without anyone noticing."""

import ast

from pgolf_check.bundle.follow import Follower

_PURE_NODES = (
    ast.Name,
    ast.Attribute,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.Subscript,
    ast.Slice,
    ast.Lambda,
    ast.arguments,
    ast.arg,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.Starred,
    ast.keyword,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
    ast.expr_context,
    ast.ListComp,
    ast.GeneratorExp,
    ast.SetComp,
    ast.DictComp,
    ast.comprehension,
)
_PURE_STATEMENTS = (ast.Return, ast.If, ast.For, ast.Pass, ast.Assign, ast.AnnAssign, ast.AugAssign)
_PURE_CALLS = {"len", "int", "float", "bool", "str", "min", "max", "abs", "isinstance", "range"}
_PURE_CALLS |= {"enumerate", "zip", "dict", "list", "tuple", "set", "sorted", "round", "sum", "any"}
_PURE_CALLS |= {"all", "math.prod", "math.ceil", "math.log", "math.log2", "math.sqrt", "math.cos"}
_PURE_CALLS |= {"time.perf_counter", "torch.ones", "torch.zeros"}
_PURE_CALLS |= {"torch.cuda.get_device_name", "os.environ.get", "fnmatch.fnmatch", "math.isfinite"}
_PURE_METHODS = {
    "items",
    "get",
    "keys",
    "values",
    "startswith",
    "endswith",
    "numel",
    "element_size",
}


def is_pure(node: ast.expr, follower: Follower) -> bool:
    """Whether evaluating an expression has no effect that the program could notice."""
    pending: list[ast.AST] = [node]
    seen = set[ast.AST]()
    while pending:
        for part in ast.walk(pending.pop()):
            if part in seen:
                continue
            seen.add(part)
            if isinstance(part, ast.Call):
                inner = _runs(part, follower)
                if inner is None:
                    return False
                pending += inner
            elif not isinstance(part, _PURE_NODES):
                return False
    return True


def _runs(call: ast.Call, follower: Follower) -> list[ast.AST] | None:
    """What else is evaluated by a call; None where it may have effects."""
    if follower.tables.dotted(call.func) in _PURE_CALLS:
        return []
    if isinstance(call.func, ast.Name) and call.func.id == "next" and len(call.args) == 2:
        return []  # with a default, and of a generator that ends with the expression
    owner = follower.values.get(call.func.value) if isinstance(call.func, ast.Attribute) else None
    if owner is not None and not owner.kinds and call.func.attr in _PURE_METHODS:  # type: ignore[attr-defined]
        return []
    kinds = follower.constructed.get(call)
    if kinds and all(map(follower.tables.is_record, kinds)):
        return []
    inner: list[ast.AST] = []
    for function, _ in follower.targets.get(call, ()):
        expression = follower.expression_of(function)
        statements = [] if isinstance(function, ast.Lambda) else function.body
        if expression is not None:
            inner.append(expression)
        elif statements and all(map(_is_quiet, statements)):
            inner += _expressions(statements)
        else:
            return None
    return inner or None


def _is_quiet(statement: ast.stmt) -> bool:
    """Whether a statement changes nothing but variables of its own function."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant | ast.BinOp)
    if not isinstance(statement, _PURE_STATEMENTS):
        return False
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    for target in filter(None, targets):
        if any(isinstance(part, ast.Attribute | ast.Subscript) for part in ast.walk(target)):
            return False
    inner = [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]
    return all(map(_is_quiet, inner))


def _expressions(statements: list[ast.stmt]) -> list[ast.AST]:
    found: list[ast.AST] = []
    for statement in statements:
        for _, field in ast.iter_fields(statement):
            if isinstance(field, ast.expr):
                found.append(field)
            elif isinstance(field, list) and field and isinstance(field[0], ast.stmt):
                found += _expressions(field)
    return found
