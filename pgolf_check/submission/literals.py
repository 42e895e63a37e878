"""Constants of code as the text a log or a shell would print for them."""

import ast

_LONGEST = 200  # characters of a value; longer ones are data, not settings
_CASTS = frozenset({"str", "int", "float", "bool", "repr"})


def literal(node: ast.expr | None) -> str | None:
    """The text of a constant, as a log or a shell would print it."""
    match node:
        case ast.Constant(value=str(text)):
            return text if len(text) <= _LONGEST else None
        case ast.Constant(value=bool() | int() | float() as value):
            return _number(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return f"-{_number(value)}"
        case ast.Call(func=ast.Name(id=cast), args=[only], keywords=[]) if cast in _CASTS:
            return literal(only)
        case ast.BinOp(left=ast.Constant(value=int(a)), op=op, right=ast.Constant(value=int(b))):
            return _product(a, op, b)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if 0 < len(parts) <= 32:
            texts = [literal(part) for part in parts if not isinstance(part, ast.Tuple | ast.List)]
            return ",".join(t for t in texts if t is not None) if None not in texts else None
    return None


def _number(value: float) -> str | None:
    if isinstance(value, int) and value.bit_length() > 256:
        return None  # printing a huge integer is quadratic, and no setting is one
    return str(value)


def _product(a: int, op: ast.operator, b: int) -> str | None:
    if a.bit_length() + b.bit_length() > 128:
        return None
    match op:
        case ast.Add():
            return str(a + b)
        case ast.Sub():
            return str(a - b)
        case ast.Mult():
            return str(a * b)
        case ast.LShift() if 0 <= b < 64:
            return str(a << b)
        case ast.Pow() if 0 <= b < 64 and abs(a) < 1 << 16:
            return str(a**b)
    return None
