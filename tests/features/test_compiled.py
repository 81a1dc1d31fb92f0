"""What is compiled from the declarations is compiled once, and anew where the code changed."""

import os
import sys
import time

import pytest

from features.home import COMPILED
from features.store import compiled


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Keep what is made in a home alone; gives a new process's function and what it made."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv(COMPILED, str(tmp_path / "compiled"))
    monkeypatch.setattr(compiled, "_CODE", "code")
    calls = []

    def process():
        def statement(subject, loose):
            calls.append((subject, loose))
            return f"SELECT {subject}, {sorted(loose)}"

        return compiled.compiled_once(statement)

    return process, calls


def test_a_second_process_reads_what_the_first_compiled(made):
    process, calls = made
    first = process()
    told = [first("shipments", frozenset({"b", "a"})) for _ in range(2)]
    assert process()("shipments", frozenset({"a", "b"})) == told[0] == told[1]
    assert len(calls) == 1
    process()("crossings", frozenset())
    assert len(calls) == 2


def test_other_code_compiles_anew_and_drops_what_was_kept(made, monkeypatch, tmp_path):
    process, calls = made
    process()("shipments", frozenset())
    monkeypatch.setattr(compiled, "_CODE", "other")
    process()("shipments", frozenset())
    assert len(calls) == 2
    assert [folder.name for folder in (tmp_path / "compiled").iterdir()] == ["statements-other"]


def test_it_is_made_where_nothing_can_be_kept(made, monkeypatch, tmp_path):
    process, calls = made
    (tmp_path / "file").touch()
    monkeypatch.setenv(COMPILED, str(tmp_path / "file" / "compiled"))
    assert [process()("shipments", frozenset()) for _ in range(2)] == ["SELECT shipments, []"] * 2
    assert len(calls) == 2


def test_every_change_of_the_code_is_another_digest_and_a_fresh_one_is_not_trusted(
    monkeypatch, tmp_path
):
    source = tmp_path / "module.py"
    monkeypatch.setattr(compiled.features, "__file__", str(tmp_path / "__init__.py"))
    digests = []
    for text in ("a = 1", "a = 2"):
        source.write_text(text)
        assert compiled._digest_of_code() is None
        os.utime(source, (time.time() - 60,) * 2)
        digests.append(compiled._digest_of_code())
    assert None not in digests
    assert len(set(digests)) == 2
