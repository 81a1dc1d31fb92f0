"""Raw-looking identifiers of the kinds customs files carry.

Invariant: an identifier is unique and a mix of its number, so that neither order nor honesty shows.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Ints

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

ALPHABET: Final = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)
LETTER_VALUES: Final = [n for n in range(10, 39) if n % 11]
CHECK_VALUES: Final = np.zeros(128, dtype=np.int64)
CHECK_VALUES[ALPHABET] = [*range(10), *LETTER_VALUES]


def mix(numbers: Ints, key: int) -> Words:
    """Map whole numbers one to one onto 64-bit words (the finaliser of splitmix64)."""
    words = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def digits(words: Words, width: int, base: int = 36) -> Bytes:
    """Write words in a base up to 36, as (n, width) ASCII codes; 13 of base 36 hold 64 bits."""
    left, out = words.copy(), np.empty((len(words), width), dtype=np.uint8)
    for place in range(width - 1, -1, -1):
        left, rest = np.divmod(left, np.uint64(base))
        out[:, place] = ALPHABET[rest.astype(np.int64)]
    return out


def text(codes: Bytes) -> npt.NDArray[np.str_]:
    """Turn (n, width) ASCII codes into n strings."""
    width = codes.shape[1]
    return np.ascontiguousarray(codes).view(f"S{width}").ravel().astype(f"U{width}")


def two_digits(numbers: Ints) -> npt.NDArray[np.str_]:
    """Write the last two decimal digits of numbers."""
    return text(digits((numbers % 100).astype(np.uint64), 2, base=10))


def ascii_codes(strings: npt.NDArray[np.str_]) -> Bytes:
    """Turn n strings of one width into (n, width) ASCII codes."""
    raw = strings.astype(np.bytes_)
    return raw.view(np.uint8).reshape(len(raw), raw.dtype.itemsize)


def check_digits(codes: Bytes) -> Bytes:
    """Return the ISO 6346 check digit of each row of characters, as ASCII codes (n, 1).

    Examples
    --------
    >>> bytes(check_digits(np.frombuffer(b"CSQU305438", dtype=np.uint8)[None, :])[0])
    b'3'
    """
    powers = 2 ** np.arange(codes.shape[1], dtype=np.int64)
    sums = (CHECK_VALUES[codes] * powers).sum(axis=1)
    return ALPHABET[sums % 11 % 10].reshape(-1, 1)


def party_ids(rng: np.random.Generator, prefix: str, size: int) -> npt.NDArray[np.str_]:
    """Draw `size` different identifiers: the prefix and seven letters or digits."""
    drawn = np.unique(rng.integers(36**6, 36**7, size=size + size // 100 + 16, dtype=np.uint64))
    codes = digits(rng.permutation(drawn)[:size], 7)
    head = np.tile(np.frombuffer(prefix.encode(), dtype=np.uint8), (size, 1))
    return text(np.hstack([head, codes]))


def container_ids(rng: np.random.Generator, size: int) -> npt.NDArray[np.str_]:
    """Draw container numbers of ISO 6346: owner, the letter U, serial number, check digit."""
    owners = np.array(["MSK", "MSC", "CMA", "HLX", "TGH", "OOL", "EIS", "TCL", "COS", "TRH"])
    head = ascii_codes(np.char.add(rng.choice(owners, size), "U"))
    serial = digits(rng.integers(0, 10**6, size=size, dtype=np.uint64), 6, base=10)
    codes = np.hstack([head, serial])
    return text(np.hstack([codes, check_digits(codes)]))


def reference_numbers(heads: npt.NDArray[np.str_], numbers: Ints, key: int) -> npt.NDArray[np.str_]:
    """Make movement reference numbers: year and country, thirteen characters, check digit."""
    codes = np.hstack([ascii_codes(heads), digits(mix(numbers, key), 13)])
    return text(np.hstack([codes, check_digits(codes)]))


def opaque_numbers(head: str, numbers: Ints, key: int) -> npt.NDArray[np.str_]:
    """Make numbers of records: a head and thirteen characters in which the order is lost."""
    return np.char.add(head, text(digits(mix(numbers, key), 13)))
