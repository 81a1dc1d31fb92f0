"""A turn at writing: records of one call taken in, and then their scores kept.

Few records and their scores are one transaction. Of many, the first transaction ends in another
thread: that is the database's own work, and waiting for the disk, which the caller's work can go
beside.

Invariant: no score is kept before the records that it is of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Any

from numpy.typing import NDArray
from sqlalchemy import Connection, Transaction

from features.store.engine import to_write
from features.store.intake import Taken, take_in
from features.store.live import ask_if_new, ask_within
from features.store.past import Past
from features.store.rows import Records
from features.store.scorekeeping import Pair, Sheet, keep_scores
from features.store.warm import Warm

__all__ = ["Turn"]


class Turn:
    """One call's turn, in a ``with`` statement; where the block fails, so does what has not ended.

    Parameters
    ----------
    warm : Warm
        Whom it has its connection from.
    aside : concurrent.futures.Executor
        Who ends transactions aside.
    """

    def __init__(self, warm: Warm, aside: Executor) -> None:
        self._warm = warm
        self._aside = aside
        self._connection: Connection | None = None
        self._transaction: Transaction | None = None
        self._ending: Callable[[], object] | None = None

    def __enter__(self) -> Turn:
        """Begin nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what is under way, whole or, where the block failed, not at all."""
        if kind is None:
            self.end()
        else:
            self._abandon()
        self.settle()

    def live_if_new(
        self, subject: str, cells: Mapping[str, Sequence[Any]]
    ) -> dict[str, NDArray[Any]] | None:
        """Ask, before anything is taken in, what a subject's profiles say of records.

        Returns
        -------
        dict of str to array, or None
            None where any of the records' group, such as a declaration, is held.
        """
        return ask_if_new(self._connected(), subject, cells)

    def take_in(  # noqa: PLR0913 - who waits for what of it
        self,
        kind: str,
        records: Records,
        received_at: datetime,
        *,
        lasting: bool = True,
        between: Callable[[Taken], None] | None = None,
        aside: bool = False,
    ) -> Taken:
        """Begin a transaction and take accepted, pseudonymised records in.

        Parameters
        ----------
        lasting : bool
            Whether they are to be on disk when the transaction has ended; otherwise once scores
            were kept after it, or :meth:`Store.flush` was called.
        between : callable, optional
            Called while the store is as it was without the records' group, where they are of one
            that was known before; it may ask :meth:`live`.
        aside : bool
            Whether, where nothing was known of the records' groups before, their facts are merged
            in another thread, and the transaction ends there: see :meth:`settle`.
        """
        connection = self._begun(lasting=lasting)
        ending = self._end_aside if aside else None
        return take_in(
            connection, kind, records, received_at=received_at, between=between, aside=ending
        )

    def live(self, subject: str, cells: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[Any]]:
        """Ask what a subject's profiles say of records, as the transaction has it by now."""
        if self._transaction is None:
            raise RuntimeError("expected to be asked while records are taken in")
        return ask_within(self._connected(), subject, cells)

    def end(self) -> None:
        """End the transaction; what was taken in is seen by others from now on."""
        connection, transaction = self._left()
        if connection is not None:
            ended = transaction or nullcontext()
            with self._warm.given_back(connection), Past.kept_by(connection), ended:
                pass

    def _abandon(self) -> None:
        connection, _ = self._left()
        if connection is not None:
            with connection:  # what is under way ends with it, not at all
                Past.kept_by(connection).forget()

    def _end_aside(self, rest: Callable[[], None]) -> None:
        """Let the rest be done, and the transaction end, meanwhile; :meth:`settle` waits for it."""
        connection, transaction, begun = self._connection, self._transaction, Event()
        if connection is None or transaction is None:
            raise RuntimeError("expected a transaction under way to end aside")

        def end() -> None:
            begun.set()
            with self._warm.given_back(connection), Past.kept_by(connection), transaction:
                rest()

        self._ending = self._aside.submit(end).result
        self._left()  # to that thread, once there is one
        begun.wait()  # or Python would let this thread go on for as long as it may

    def settle(self) -> None:
        """Wait for what ends aside, and raise what prevented it, as often as this is called."""
        if self._ending is not None:
            self._ending()

    def keep_scores(
        self, rows: Sequence[Mapping[str, Any]], *, first: bool = False
    ) -> dict[Pair, dict[str, Any]]:
        """Keep scores of one subject, with their records or after them, and end.

        Parameters
        ----------
        first : bool
            Whether nothing was known of their records before they were just taken in, so that
            there are no scores for these to follow.

        Returns
        -------
        dict of (record_id, content_hash) to row
            Those that stand, where others were faster theirs, with the identifiers of the scores
            before and after each.
        """
        sheet = Sheet.of(rows)  # while what ends aside goes on
        self.settle()
        connection = self._connected() if self._transaction else self._begun(lasting=True)
        standing = keep_scores(connection, sheet, first=first)
        self.end()
        return standing

    def _connected(self) -> Connection:
        """Give the connection that is open, or open one."""
        if self._connection is None:
            self._connection = self._warm.take()
        return self._connection

    def _begun(self, *, lasting: bool) -> Connection:
        if self._transaction is not None:
            raise RuntimeError("expected what was taken in to end before more is")
        connection = to_write(self._connected(), lasting=lasting)
        self._transaction = connection.begin()
        return connection

    def _left(self) -> tuple[Connection | None, Transaction | None]:
        """Give up what is open, to be ended."""
        left = self._connection, self._transaction
        self._connection = self._transaction = None
        return left
