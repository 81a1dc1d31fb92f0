"""What follows from the declarations alone, kept on disk: compiling it takes each process seconds.

It is kept as Python keeps compiled modules: in ``__pycache__``, beside the source, and in the home
where that may not be written to or Python was told not to.

Invariant: what is kept is of exactly this code, of the libraries that compile, and of what was
asked, since its name is a digest of these.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import features
from features.home import COMPILED

__all__ = ["can_keep", "compiled_once", "is_kept"]

P = ParamSpec("P")
T = TypeVar("T")

_FOLDER = "statements-"
# What was changed a moment ago is perhaps not what this process has imported.
_SETTLED_S = 10.0


def compiled_once(make: Callable[P, T]) -> Callable[P, T]:
    """Let a function of plain values, whose results are plain JSON, be computed once for all.

    Examples
    --------
    >>> @compiled_once
    ... def doubled(text):
    ...     return text * 2
    >>> doubled("ab"), doubled("ab")
    ('abab', 'abab')
    """

    @wraps(make)
    def found_or_made(*args: P.args, **kwargs: P.kwargs) -> T:
        name = _name(make, args, kwargs)
        kept = _read(name)
        if kept is not None:
            found: T = json.loads(kept)
            return found
        made = make(*args, **kwargs)
        _write(name, json.dumps(made))
        return made

    once = cache(found_or_made)
    once.__wrapped__ = make  # not what reads what was kept
    return cast("Callable[P, T]", once)


def can_keep() -> bool:
    """Whether there is any place to keep what is compiled in."""
    return next(_folders(), None) is not None


def is_kept(once: Callable[..., object], *args: object) -> bool:
    """Whether a function made by :func:`compiled_once` was computed before, by any process."""
    make = once.__wrapped__  # type: ignore[attr-defined]
    return _read(_name(make, args, {})) is not None


def _name(make: Callable[..., object], args: Iterable[object], kwargs: object) -> str:
    asked = repr((make.__module__, make.__qualname__, *map(_plain, args), kwargs))
    return hashlib.sha256(asked.encode()).hexdigest()


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _read(name: str) -> str | None:
    for folder in _folders():
        with suppress(OSError):
            return (folder / name).read_text(encoding="utf-8")
    return None


def _write(name: str, text: str) -> None:
    for folder in _folders():
        with suppress(OSError):
            if not folder.exists():
                _forget_others(folder)
                folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f"{name}.{secrets.token_hex(8)}"
            draft.write_text(text, encoding="utf-8")
            draft.rename(folder / name)
            return


def _forget_others(folder: Path) -> None:
    """Drop what was kept of code that is no more."""
    for other in folder.parent.glob(f"{_FOLDER}*"):
        shutil.rmtree(other, ignore_errors=True)


def _folders() -> Iterator[Path]:
    """Name where it may be kept, the best place first."""
    if _CODE is None:
        return
    if not sys.dont_write_bytecode:
        yield Path(__file__).parent / "__pycache__" / f"{_FOLDER}{_CODE}"
    if COMPILED in os.environ:
        yield Path(os.environ[COMPILED]) / f"{_FOLDER}{_CODE}"


def _digest_of_code() -> str | None:
    """Digest the code of the features and of what compiles them; None where it just changed."""
    digest = hashlib.sha256(
        f"{version('ibis-framework')} {version('sqlglot')} {sys.version}".encode()
    )
    root = Path(features.__file__).parent
    for source in sorted(root.rglob("*.py")):
        if source.stat().st_mtime > time.time() - _SETTLED_S:
            return None
        digest.update(f"{source.relative_to(root)}\0".encode() + source.read_bytes())
    return digest.hexdigest()[:32]


# When this is imported, so are the modules it digests.
_CODE = _digest_of_code()
