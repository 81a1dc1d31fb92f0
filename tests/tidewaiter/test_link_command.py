"""`tidewaiter link`: from parties as filed to links in the store, and again nothing."""

import re

import pytest

from features.home import Home
from features.store import Store
from tests.features.linkage.registers import joined, register
from tests.tidewaiter.commands import CommandLine

SAID = re.compile(r"(\d+) parties: (\d+) links new, (\d+) unchanged, (\d+) withdrawn")


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("link")
    parties, truth = register(seed=3)
    parties.drop(columns="cancelled").to_parquet(folder / "parties.parquet")
    run = CommandLine(folder / "home")
    run("load", folder / "parties.parquet")
    return run, parties, truth, [run("link"), run("link")]


def test_identifiers_of_one_party_are_linked_once(linked):
    _, parties, truth, answers = linked
    first, again = (list(map(int, SAID.search(answer.stdout).groups())) for answer in answers)
    assert first[0] == len(parties)
    assert 0.8 * len(truth) < first[1] <= len(truth)
    assert first[2:] == [0, 0]
    assert again == [len(parties), 0, first[1], 0]


def test_links_are_between_pseudonyms(linked):
    run, parties, _, answers = linked
    with Store.open(Home(run.home)) as store:
        pairs = joined(store.read("links"))
        registered = set(store.read("parties")["party_id"])
    assert len(pairs) == int(SAID.search(answers[0].stdout)[2])
    assert {name for pair in pairs for name in pair} <= registered
    assert not registered & set(parties["party_id"])


def test_the_command_repeats_nothing_sealed(linked):
    _, parties, _, answers = linked
    told = "".join(answer.stdout + answer.stderr for answer in answers)
    sealed = {*parties["name"], *parties["address"], *parties["registration_number"]}
    assert not [text for text in sealed if text in told]


def test_a_probability_beyond_one_is_refused(linked):
    run = linked[0]
    assert "--probability" in run("link", "--probability", "1.5", status=2).stderr
