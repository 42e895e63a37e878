"""Whether one tree is another with locals renamed, and nothing else."""

import ast

from pgolf_check.minify.scopes import Binding, Scopes, put


def is_renaming(before: ast.Module, after: ast.Module) -> bool:
    """Whether every variable of one is exactly one variable of the other.

    Only variables of functions may differ in name. Both trees are spoilt by the comparison.
    """
    old, new = Scopes(before), Scopes(after)
    if len(old.of) != len(new.of):
        return False
    there: dict[Binding, Binding] = {}
    back: dict[Binding, Binding] = {}
    for (node, mine), (other, its) in zip(old.of.items(), new.of.items(), strict=True):
        if type(node) is not type(other) or mine.bound != its.bound:
            return False
        if there.setdefault(mine, its) is not its or back.setdefault(its, mine) is not mine:
            return False
        if mine.name != its.name and not (mine.scope.is_function and its.scope.is_function):
            return False
    for number, (mine, its) in enumerate(there.items()):
        if mine.name != its.name:
            for binding in (mine, its):
                for place in binding.places:
                    put(place, binding.name, f"variable {number}")
    return ast.dump(before) == ast.dump(after)
