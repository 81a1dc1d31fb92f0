"""A record to try the service with: made of a simulated world, written as a curl, asked and shown.

What it shows is simulated and called so.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
from rich.table import Table

from features.catalog import RECORDS
from features.errors import TidewaiterError
from features.records import KINDS

__all__ = ["Trial"]

_RECENT = timedelta(days=30)
# Whose records there are most of is known best.
_KNOWN_BY = {"declarations": "importer_id", "crossings": "vehicle_id"}
_OWN = {"occurred_at", "known_at", "cancelled"}


@dataclass(frozen=True)
class Trial:
    """A record that a partner system could send, and where to.

    Attributes
    ----------
    subject : what it is scored as.
    address : of the service, such as ``http://127.0.0.1:3000``.
    key : opens the API.
    record : field to value.
    """

    subject: str
    address: str
    key: str
    record: dict[str, Any]

    @classmethod
    def of(cls, world: Path, subject: str, address: str, key: str) -> Trial:
        """Make a new record like a recent one of the trader or vehicle with the longest history."""
        kind = KINDS[RECORDS[subject]]
        filed = pd.read_parquet(world / f"{kind.name}.parquet")
        recent = filed[filed["known_at"] > filed["known_at"].max() - _RECENT]
        known_by = filed[_KNOWN_BY[kind.name]]
        row = recent.loc[recent[known_by.name].map(known_by.value_counts()).idxmax()]
        sent = [n for n in kind.fields if n in row and n not in _OWN and n not in kind.identity]
        plain = {name: kind.types[name](row[name]) for name in sent if not pd.isna(row[name])}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return cls(subject, address, key, {kind.group: "QUICKSTART-1", "occurred_at": now, **plain})

    @property
    def url(self) -> str:
        """Where it is sent."""
        return f"{self.address}/v1/{self.subject}/score"

    @property
    def curl(self) -> str:
        """The call as a line to paste into a shell."""
        body = json.dumps({"records": [self.record]})
        return (
            f"curl -s {self.url} -H 'Authorization: Bearer {self.key}'"
            f" -H 'Content-Type: application/json' -d {shlex.quote(body)}"
        )

    def asked(self) -> Table:
        """Ask for the score as the curl does, and lay the answer out."""
        answer = httpx.post(
            self.url,
            json={"records": [self.record]},
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=60,
        )
        if not answer.is_success or not answer.json()["scores"]:
            raise TidewaiterError(f"the service answered {answer.status_code}: {answer.text}")
        return self._laid_out(answer.json()["scores"][0])

    def _laid_out(self, score: dict[str, Any]) -> Table:
        risk, channel = score["risk"], score["channel"]
        title = f"{self.subject}: {score['id']}: risk {risk:.3f}, channel {channel} (simulated)"
        table = Table(title=title)
        table.add_column("reason")
        table.add_column("log-odds", justify="right")
        for reason in score["reasons"]:
            table.add_row(reason["text"], f"{reason['contribution']:+.3f}")
        for name in ("other_contribution", "base_value", "log_odds"):
            table.add_row(_SAID[name], f"{score[name]:+.3f}")
        return table


_SAID = {"other_contribution": "everything else", "base_value": "base value", "log_odds": "sum"}
