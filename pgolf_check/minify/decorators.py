"""Decorators behind which a function is called as it was written, and nobody reads how."""

import ast

_PLAIN = {
    "no_grad",
    "inference_mode",
    "enable_grad",
    "staticmethod",
    "classmethod",
    "property",
    "compile",
    "disable",
    "cache",
    "lru_cache",
    "contextmanager",
    "wraps",
}


def is_plain(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether all decorators of a function are of that kind."""
    return all(last_name(decorator) in _PLAIN for decorator in node.decorator_list)


def last_name(node: ast.expr) -> str:
    """`no_grad` of `@torch.no_grad()`, `Module` of `nn.Module`."""
    called = node.func if isinstance(node, ast.Call) else node
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
