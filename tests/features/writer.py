"""A process that takes its share of records in, a batch at a time, and says so after each.

``python -m tests.features.writer HOME URL SHARE``: the share is a pickle of (kind, frame) batches.
It says ``ready``, begins at a line on its input, and ends with its share.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from features.store import Store
from tests.features.databases import place


def main(home: str, url: str, share: str) -> None:
    batches = pickle.loads(Path(share).read_bytes())  # noqa: S301 - the test's own
    with Store.open(place(home, url)) as store:
        say("ready")
        sys.stdin.readline()
        for kind, frame in batches:
            store.take_in(kind, frame)
            say("taken")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
