"""Random request bodies: good records, some spoilt field by field, and bytes spoilt at random."""

from __future__ import annotations

import json
import random
from typing import Any

from features.records import KINDS
from serving.examples import EXAMPLES

Row = dict[str, Any]

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**400, -(10**30), 1e308, 5e-324, -0.0),
    *(float("nan"), float("inf"), float("-inf")),
    *("", " ", "\u0000", "\ud800", "é" * 300, "1e5", "NaN", "-5", "ZZ", "XQ", "x" * 70_000),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30", "2026-13-01T25:61:61+99:99"),
    *("2026-03-02T09:15:00.123456789Z", "20260302", "'; DROP TABLE declarations; --", "\u202e"),
    *([], {}, [[[]]], {"a": {"b": [None]}}, [1, 2, 3]),
)
DOCUMENTS: tuple[bytes, ...] = (
    *(b"", b"null", b"[]", b"{}", b'"records"', b"3", b"NaN", b"\x00", b"\xff\xfe", b"{" * 5_000),
    *(b'{"records": null}', b'{"records": []}', b'{"records": {}}', b'{"records": [[]]}'),
    *(b"[" * 100_000, b'{"records": [' + b"{}," * 1_500 + b"{}]}", b'{"records": [1e99999]}'),
    *(b'{"records": [{"a": ' + b"9" * 5_000 + b"}]}", b'{"records": [{}], "records": 1}'),
)


class Bodies:
    """A source of bodies; the same seed gives the same ones.

    Parameters
    ----------
    seed : int
        Seed of every draw, and part of the ids of records.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - no secrets
        self._prefix = f"SOAK{seed}"
        self._drawn = 0

    def drew(self, identifier: object) -> bool:
        """Tell whether an id is one of these bodies' own, as it was drawn."""
        return isinstance(identifier, str) and identifier.startswith(f"{self._prefix}-")

    def good(self, kind: str) -> Row:
        """Draw a record that nothing is wrong with, under an id never drawn before."""
        self._drawn += 1
        identifier = f"{self._prefix}-{self._drawn}"
        row = EXAMPLES[kind] | {KINDS[kind].identity[0]: identifier}
        if kind == "inspections":
            return row | {"subject_id": f"{identifier}-D"}
        if kind != "declarations":
            return row
        return row | {
            "importer_id": f"IMPORTER {self.random.randrange(50)}",
            "net_mass_kg": round(self.random.lognormvariate(3, 2), 3),
            "customs_value": round(self.random.lognormvariate(6, 2), 2),
        }

    def spoilt(self, kind: str) -> Any:
        """Draw a record with something odd in it, which may be harmless."""
        row = self.good(kind)
        for _ in range(self.random.choice((1, 1, 1, 2, 5))):
            name = self.random.choice([*row, "unheard_of", ""])
            if self.random.random() < 0.2:
                row.pop(name, None)
            else:
                row[name] = self.random.choice(ODD)
        return self.random.choice(ODD) if self.random.random() < 0.05 else row

    def records(self, kind: str) -> list[Any]:
        """Draw a batch: good and spoilt records, some of them twice."""
        rows = [
            self.good(kind) if self.random.random() < 0.5 else self.spoilt(kind)
            for _ in range(self.random.choice((1, 2, 3, 8, 30)))
        ]
        if self.random.random() < 0.2:
            rows.append(self.random.choice(rows))
        return rows

    def noise(self, kind: str) -> bytes:
        """Draw bytes that are mostly no request at all."""
        if self.random.random() < 0.3:
            return self.random.choice(DOCUMENTS)
        body = bytearray(encoded(self.records(kind)))
        for _ in range(self.random.choice((1, 3, 20))):
            at = self.random.randrange(len(body))
            match self.random.randrange(4):
                case 0:
                    body[at] = self.random.randrange(256)
                case 1:
                    del body[at : at + self.random.randrange(1, 50)]
                case 2:
                    body[at:at] = self.random.randbytes(self.random.randrange(1, 20))
                case _:
                    body[at:at] = self.random.choice((b"{", b"]", b",", b'"', b"\\u0000", b"-"))
            if not body:
                break
        return bytes(body)


def encoded(rows: list[Any]) -> bytes:
    """Write a body as Python's JSON does: NaN and infinities literally, surrogates escaped."""
    return json.dumps({"records": rows}).encode()
