"""SQLite counts no memory in a process that says so before it uses any, and goes on as it was."""

import subprocess
import sys

import pytest

from features.sqlite import _library

pytestmark = pytest.mark.skipif(_library() is None, reason="this SQLite cannot be told")
COUNTED = "print(is_counted(), _library().sqlite3_memory_used() > 0)"
BEGIN = "import sqlite3; from features.sqlite import _library, is_counted, stop_counting"
USED = "file = sqlite3.connect(':memory:'); print(*file.execute('SELECT 1').fetchone())"


def said(*lines: str) -> list[str]:
    """Run lines in a process of their own, and give what they printed."""
    done = subprocess.run(
        [sys.executable, "-c", "\n".join((BEGIN, *lines))],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_a_process_that_says_so_first_counts_nothing():
    assert said("print(stop_counting())", USED, COUNTED, "print(stop_counting())") == [
        "True",
        "1",
        "False False",
        "True",
    ]


def test_one_that_has_a_database_open_goes_on_counting_and_using_it():
    still = "print(*file.execute('SELECT 2').fetchone())"
    assert said(USED, "print(stop_counting())", COUNTED, still) == ["1", "False", "True True", "2"]


def test_one_that_says_nothing_counts():
    assert said(USED, COUNTED) == ["1", "True True"]


def test_a_store_of_such_a_process_lets_one_connection_keep_the_most_pages(tmp_path):
    lines = (
        "from pathlib import Path",
        "from features.home import Home",
        "stop_counting()",
        "from features.store import Store",
        f"store = Store.open(Home(Path({str(tmp_path)!r})))",
        "kept = store._warm.take()",
        "size = lambda one: one.exec_driver_sql('PRAGMA cache_size').scalar()",
        "print(size(kept) < 8 * size(store.engine.connect()) < 0)",
        "little = size(store.engine.connect())",
        "kept.close()",
        "print(all(size(store.engine.connect()) == little for _ in range(2)))",
    )
    assert said(*lines) == ["True", "True"]
