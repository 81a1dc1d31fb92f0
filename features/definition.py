"""What a function is defined by: its code, and everything of ours that its code leans on.

Invariant: two functions of one definition give the same values. Words (docstrings, decorators,
comments, layout) are no part of it, and neither is what libraries do: their versions are pinned.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType

__all__ = ["definition"]

_PLAIN = (int, float, complex, str, bytes, bool, type(None))


def definition(function: Callable[..., object]) -> str:
    """Write a function's definition as text.

    Followed are the names its code reads, through closures and the globals of its module, to
    functions, classes and constants of its own package and of this one, however deep.

    Raises
    ------
    TypeError
        Where a value that the code reads has no definition that can be written.

    Examples
    --------
    >>> from features.catalog.goods import net_mass_gap
    >>> "hs__{value}_std__365d" in definition(net_mass_gap.compute)
    True
    """
    reading = _Reading({_package(__name__), _package(function.__module__)})
    reading.follow(function)
    return "\n".join(reading.found.values())


class _Reading:
    """What was found of a function, by function or class, in the order they were met.

    Parameters
    ----------
    ours : set of str
        Packages whose code is followed.
    """

    def __init__(self, ours: set[str]) -> None:
        self._ours = ours
        self.found: dict[object, str] = {}

    def follow(self, value: object) -> str:
        """Note what a value is defined by; return how code that reads it refers to it."""
        if isinstance(value, FunctionType | type) and _package(value.__module__) in self._ours:
            return self._defined(value)
        if isinstance(value, _PLAIN):
            return repr(value)
        if isinstance(value, Mapping):
            pairs = (f"{self.follow(key)}: {self.follow(one)}" for key, one in value.items())
            return f"mapping({', '.join(pairs)})"
        if isinstance(value, tuple | list):
            return f"sequence({', '.join(map(self.follow, value))})"
        if isinstance(value, set | frozenset):
            return f"set({', '.join(sorted(map(self.follow, value)))})"
        return _named(value)

    def _defined(self, value: FunctionType | type) -> str:
        if value not in self.found:
            self.found[value] = ""  # it may well read itself
            said = [_code(value)]
            if isinstance(value, FunctionType):
                said += [f" {name} = {self.follow(one)}" for name, one in self._read(value)]
            self.found[value] = "\n".join(said)
        return f"{value.__qualname__} {list(self.found).index(value)}"

    def _read(self, function: FunctionType) -> Iterator[tuple[str, object]]:
        """Give the values of the names outside itself that a function's code reads."""
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        scope = function.__globals__ | {name: cell.cell_contents for name, cell in cells}
        names = sorted(_names(function.__code__))
        for name in filter(scope.__contains__, names):
            yield name, scope[name]
            if isinstance(scope[name], ModuleType) and _package(scope[name].__name__) in self._ours:
                inside = vars(scope[name])
                yield from ((f"{name}.{one}", inside[one]) for one in names if one in inside)


def _package(module: str) -> str:
    return module.partition(".")[0]


def _names(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return {*code.co_names, *code.co_freevars}.union(*map(_names, inner))


def _named(value: object) -> str:
    """Name what is defined elsewhere: a module, or a function of a library."""
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if name is None:
        raise TypeError(
            "a feature's code expected functions, modules, plain constants and containers of them"
            f" to read, got {value!r}"
        )
    return f"{getattr(value, '__module__', '')}.{name}"


def _code(value: FunctionType | type) -> str:
    """Give the source without its words."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(value)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = []
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
