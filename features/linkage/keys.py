"""Keys: only parties that share one are compared, so that the work grows as the register does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product

__all__ = ["keys", "narrow"]


def keys(
    name: Sequence[str], address: Sequence[str], number: str | None, country: str | None
) -> set[str]:
    """Give the keys of a party, from the words of its name and address.

    The number; any two words of the name, of the address, or one of each; any word of the name with
    the country. Two parties that share none differ in nearly everything.

    Examples
    --------
    >>> sorted(keys(["KIM"], ["1", "KADE"], "24", "NL"))
    ['at 1 KADE', 'in KIM NL', 'is 24', 'of KIM 1', 'of KIM KADE']
    """
    return set(_keys(sorted(set(name)), sorted(set(address)), number, country))


def _keys(
    name: list[str], address: list[str], number: str | None, country: str | None
) -> Iterator[str]:
    if number:
        yield f"is {number}"
    if country:
        yield from (f"in {word} {country}" for word in name)
    yield from (f"by {one} {other}" for one, other in combinations(name, 2))
    yield from (f"at {one} {other}" for one, other in combinations(address, 2))
    yield from (f"of {one} {other}" for one, other in product(name, address))


def narrow(every: Sequence[set[str]], most: int) -> list[list[str]]:
    """Leave out the keys that nobody shares, or more than some parties do: these tell little.

    Examples
    --------
    >>> narrow([{"a", "b"}, {"a", "b"}, {"a", "c"}], most=2)
    [['b'], ['b'], []]
    """
    shared = Counter(key for some in every for key in some)
    return [sorted(key for key in some if 1 < shared[key] <= most) for some in every]
