"""Lists of windows that leave out the last, shorter one."""

import ast


def drops_tail(part: ast.comprehension) -> bool:
    """Whether starts that are a stride apart are kept only if a whole stride lies behind them."""
    turns = part.iter
    if not isinstance(turns, ast.Call) or not isinstance(turns.func, ast.Name):
        return False
    if turns.func.id != "range" or len(turns.args) != 3:
        return False
    stride = ast.dump(turns.args[2])
    tests = [test for condition in part.ifs for test in _alternatives(condition)]
    return any(
        isinstance(test, ast.Compare)
        and isinstance(test.ops[0], ast.GtE)
        and ast.dump(test.comparators[0]) == stride
        and isinstance(test.left, ast.BinOp)
        and isinstance(test.left.op, ast.Sub)
        for test in tests
    )


def _alternatives(condition: ast.expr) -> list[ast.expr]:
    if isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.Or):
        return condition.values
    return [condition]
