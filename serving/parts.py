"""Which version answers which records of a call, and which scores them in the shadow.

While there is a challenger, both versions score every record: one answers, the other's scores are
kept in the shadow, so that the two can be compared on all of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.registry import LoadedModel
from serving.canary import Canary
from serving.roster import LineUp

__all__ = ["CANARY", "SERVED", "SHADOW", "Columns", "Part", "parts"]

SERVED, CANARY, SHADOW = "served", "canary", "shadow"
Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Part:
    """Records that are answered alike.

    Attributes
    ----------
    columns : mapping of str to array, shape (n,)
        Identity and features of the records.
    role : str
        ``served`` by the champion, or ``canary``: by the challenger.
    loaded : LoadedModel
        The version that answers.
    other : LoadedModel or None
        The version that scores in the shadow.
    """

    columns: Columns
    role: str
    loaded: LoadedModel
    other: LoadedModel | None = None


def parts(line_up: LineUp, columns: Columns, id_name: str, canary: Canary) -> Iterator[Part]:
    """Part a call's records, all items of a shipment together."""
    champion, challenger = line_up.leader(), line_up.challenger
    if challenger is None or not canary.share:
        yield Part(columns, SERVED, champion, challenger)
        return
    falls = np.array([canary.takes(record_id) for record_id in columns[id_name]], dtype=bool)
    for chosen, role, loaded, other in (
        (~falls, SERVED, champion, challenger),
        (falls, CANARY, challenger, champion),
    ):
        if chosen.any():
            yield Part({n: cells[chosen] for n, cells in columns.items()}, role, loaded, other)
