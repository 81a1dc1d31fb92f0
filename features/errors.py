"""Errors that are the user's to mend: said in one sentence, without a traceback."""

__all__ = ["TidewaiterError"]


class TidewaiterError(Exception):
    """Something the caller can mend; the message says what came and what was expected."""
