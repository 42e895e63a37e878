"""Cut a program down to what its constants leave of it, until nothing more falls off."""

import ast

from pgolf_check.bundle.branches import Branches
from pgolf_check.bundle.decisions import Decisions
from pgolf_check.bundle.definitions import drop_definitions
from pgolf_check.bundle.follow import Follower
from pgolf_check.bundle.parameters import drop_parameters
from pgolf_check.bundle.stores import drop_stores

_TURNS = 40


def shake(tree: ast.Module) -> Decisions:
    """Cut the tree in place; the decisions say the same in terms of the text it came from."""
    decisions = Decisions()
    for _ in range(_TURNS):
        follower = Follower(tree)
        follower.run()
        changed = Branches(follower, decisions).run()
        falling = True
        while falling:  # what is known of values only becomes too careful by this
            falling = drop_definitions(tree, follower.reached, decisions)
            falling |= drop_parameters(follower, decisions)
            falling |= drop_stores(follower, decisions)
            changed |= falling
        if not changed:
            break
    return decisions
