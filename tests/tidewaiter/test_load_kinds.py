"""`tidewaiter load` of each kind: bad rows named, good ones in, names of parties told nowhere."""

import json

import pandas as pd
import pytest

from features.home import Home
from features.records import FILED, KINDS, WITHHELD
from features.store import Store
from tests.features.records.drawn import example
from tests.tidewaiter.commands import CommandLine
from tests.tidewaiter.test_load_command import WRITERS

pytestmark = pytest.mark.xdist_group("load")
BAD = {
    "declarations": ("currency", "XXZ"),
    "movements": ("event", "lost"),
    "crossings": ("occupants", -1),
    "payments": ("amount", -5.0),
    "inspections": ("result", "fine"),
    "parties": ("address", "Jansenstraat " * 200),
}
OPTIONAL = {"crossings": {"occupants": 2}, "parties": {"name": "Jansen", "address": "Kade 1"}}


def rows(kind):
    """Two good records, the second cancelled, and one bad in one field."""
    field, value = BAD[kind]
    identity = KINDS[kind].identity[0]
    good = example(kind, cancelled=False, **OPTIONAL.get(kind, {}))
    changes = ({}, {"cancelled": True}, {field: value})
    return [good | {identity: f"N{i}"} | changed for i, changed in enumerate(changes)]


@pytest.fixture(scope="module", params=WRITERS)
def loaded(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds") / "files"
    folder.mkdir()
    for kind in FILED:
        WRITERS[request.param](folder / f"part-{kind}.{request.param}", rows(kind))
    run = CommandLine(folder.parent / "home")
    return run, folder, run("load", folder, status=1)


def test_each_kind_is_recognised_and_its_bad_row_alone_rejected(loaded):
    _, _, ran = loaded
    for kind, (field, value) in BAD.items():
        told = [line for line in ran.stdout.splitlines() if f": {kind}: " in line]
        assert told[0].endswith("2 accepted (2 new, 0 amended, 0 unchanged), 1 rejected")
        (said,) = [line for line in ran.stderr.splitlines() if f"part-{kind}." in line]
        assert f": row 3: {field}: " in said
        assert (WITHHELD if kind == "parties" else str(value)) in said


def test_the_good_rows_are_in_the_store_cancelled_or_not(loaded):
    run, _, _ = loaded
    with Store.open(Home(run.home)) as store:
        for kind in FILED:
            assert store.versions(kind)["cancelled"].tolist() == [False, True]
            assert len(store.read(kind)) == 1


def test_a_party_is_told_nowhere_but_among_the_rejected_rows(loaded):
    run, _, ran = loaded
    assert "Jansen" not in ran.stdout + ran.stderr
    (aside,) = (run.home / "rejected").glob("*-parties.jsonl")
    (kept,) = [json.loads(line) for line in aside.read_text().splitlines()]
    assert "Jansenstraat" in kept["record"]["address"]
    with Store.open(Home(run.home)) as store:
        assert "Jansen" not in store.read("parties").to_csv()
        assert store.read("parties", sealed=True)["name"].tolist() == ["Jansen"]
        assert not {"N0", "N1"} & set(store.read("parties")["party_id"])


def test_loading_again_changes_nothing(loaded):
    run, folder, _ = loaded
    again = run("load", folder, status=1)
    assert again.stdout.count("2 accepted (0 new, 0 amended, 2 unchanged), 1 rejected") == len(BAD)


def test_a_line_of_parties_that_cannot_be_split_is_kept_but_not_told(tmp_path):
    path = tmp_path / "parties.csv"
    pd.DataFrame([example("parties")]).to_csv(path, index=False)
    path.write_text(path.read_text() + "N9,Jan,Jansen,Kade 1\n")
    run = CommandLine(tmp_path / "home")
    ran = run("load", path, status=1)
    assert "row 2: row: expected 2 columns, found 4" in ran.stderr
    assert "Jansen" not in ran.stdout + ran.stderr
    (aside,) = (run.home / "rejected").iterdir()
    assert "Jansen" in aside.read_text()
