"""Parameters that nobody reads, or that are always the same: gone, with what is passed for them."""

import ast
from collections.abc import Iterator

from pgolf_check.bundle.decisions import Decisions, spot
from pgolf_check.bundle.follow import Follower
from pgolf_check.bundle.program import Function
from pgolf_check.bundle.purity import is_pure
from pgolf_check.bundle.values import CODE
from pgolf_check.minify.scopes import parameters


def drop_parameters(follower: Follower, decisions: Decisions) -> bool:
    """Cut unread parameters of functions whose every call is known."""
    changed = False
    mentioned: dict[Function, set[str]] = {}  # grows stale, and then only too careful
    for family in _families(follower):
        calls = _calls(follower, family)
        if not _free(follower, family, calls):
            continue
        first = next(iter(family))
        for argument in _candidates(first):
            if len(family) == 1:
                _settle(follower, first, argument, calls, decisions)
                mentioned.pop(first, None)
            for function in family:
                if function not in mentioned:
                    mentioned[function] = _names(function)
            if all(argument.arg not in mentioned[function] for function in family):
                changed |= _drop(follower, family, argument.arg, calls, decisions)
    return changed


def _families(follower: Follower) -> list[set[Function]]:
    """Functions that share a call must keep sharing their parameters."""
    families: list[set[Function]] = []
    for targets in follower.targets.values():
        group = {function for function, _ in targets}
        for other in [family for family in families if family & group]:
            families.remove(other)
            group |= other
        families.append(group)
    return families


def _calls(follower: Follower, family: set[Function]) -> list[tuple[ast.Call, bool]]:
    return [
        (call, bound)
        for call, targets in follower.targets.items()
        for function, bound in sorted(targets, key=lambda pair: spot(pair[0]))[:1]
        if function in family
    ]


def _free(follower: Follower, family: set[Function], calls: list[tuple[ast.Call, bool]]) -> bool:
    """Whether the parameters belong to these functions and calls alone."""
    protocols = {
        item.name
        for c in follower.tables.classes.values()
        if any(ast.unparse(base) == "Protocol" for base in c.node.bases)
        for item in c.node.body
        if isinstance(item, ast.FunctionDef)
    }
    for function in family:
        if isinstance(function, ast.Lambda) or function.name in protocols:
            return False
        if function in follower.escaped or function in follower.fixed:
            return False
        if function.args.vararg or function.args.kwarg:
            return False
    if len({tuple(a.arg for a in parameters(f.args)) for f in family}) > 1:
        return False
    if (
        len(
            {
                bound
                for _, targets in follower.targets.items()
                for f, bound in targets
                if f in family
            }
        )
        > 1
    ):
        return False
    for call, _ in calls:
        if any(isinstance(a, ast.Starred) for a in call.args):
            return False
        if any(keyword.arg is None for keyword in call.keywords):
            return False
        value = follower.values.get(call.func)
        if value is None or value.open or value.items or value.parts:
            return isinstance(call.func, ast.Attribute) and _is_super(call.func)
    return True


def _is_super(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()"


def _candidates(function: Function) -> Iterator[ast.arg]:
    for argument in list(parameters(function.args)):
        if argument.arg not in ("self", "cls"):
            yield argument


def _names(function: Function) -> set[str]:
    """Every name that a function's body mentions."""
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    return {n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name)}


def _settle(
    follower: Follower,
    function: Function,
    argument: ast.arg,
    calls: list[tuple[ast.Call, bool]],
    decisions: Decisions,
) -> None:
    """Write a constant wherever a parameter is read that is nothing else."""
    binding = follower.tables.scopes.of[argument]
    value = follower.variables.get(binding)
    if value is None or not value.settled or len(value.consts) != 1:
        return
    ((kind, what),) = value.consts
    if kind in CODE:
        return
    passed = [_passed(call, bound, function, argument.arg) for call, bound in calls]
    plain = what is None or isinstance(what, bool)
    if not plain and any(given is not None for given in passed):
        return
    if not all(given is None or is_pure(given, follower) for given in passed):
        return
    reads = [place for place in binding.places if place is not argument]
    shown = {n for s in ast.walk(function) if isinstance(s, ast.JoinedStr) for n in ast.walk(s)}
    if any(
        not isinstance(r, ast.Name) or isinstance(r.ctx, ast.Store) or r in shown for r in reads
    ):
        return
    for node in ast.walk(function):
        for name, field in ast.iter_fields(node):
            if field in reads:
                setattr(node, name, _written(field, what, decisions))
            elif isinstance(field, list):
                for at, part in enumerate(field):
                    if part in reads:
                        field[at] = _written(part, what, decisions)
    binding.places[:] = [argument]


def _written(node: ast.expr, what: object, decisions: Decisions) -> ast.Constant:
    new = ast.copy_location(ast.Constant(what), node)  # type: ignore[arg-type]
    decisions.replace(node, new)
    return new


def _passed(call: ast.Call, bound: bool, function: Function, name: str) -> ast.expr | None:
    """What a call passes for a parameter."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    at = _index(function, name, bound)
    return call.args[at] if at is not None and at < len(call.args) else None


def _index(function: Function, name: str, bound: bool) -> int | None:
    positional = [*function.args.posonlyargs, *function.args.args]
    names = [argument.arg for argument in positional]
    return names.index(name) - bound if name in names else None


def _drop(
    follower: Follower,
    family: set[Function],
    name: str,
    calls: list[tuple[ast.Call, bool]],
    decisions: Decisions,
) -> bool:
    first = next(iter(family))
    for call, bound in calls:
        given = _passed(call, bound, first, name)
        if given is not None and not is_pure(given, follower):
            return False
    for call, bound in calls:
        given = _passed(call, bound, first, name)
        if given is None:
            continue
        if given in call.args:
            call.args.remove(given)
            decisions.arguments.add(decisions.place(given))
        else:
            keyword = next(k for k in call.keywords if k.arg == name)
            call.keywords.remove(keyword)
            decisions.arguments.add(spot(keyword))
    for function in family:
        _without(function.args, name, decisions)
    return True


def _without(arguments: ast.arguments, name: str, decisions: Decisions) -> None:
    for group in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs):
        for at, argument in enumerate(group):
            if argument.arg != name:
                continue
            decisions.parameters.add(spot(argument))
            if group is arguments.kwonlyargs:
                del arguments.kw_defaults[at]
            else:
                positional = [*arguments.posonlyargs, *arguments.args]
                from_end = len(positional) - positional.index(argument)
                if from_end <= len(arguments.defaults):
                    del arguments.defaults[-from_end]
            group.remove(argument)
            return
