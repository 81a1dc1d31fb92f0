import pandas as pd
import pytest

from models import Examples
from tests.models.synthetic import FEATURES, some_examples
from training.dataset import fingerprint_of_data, labelled


def test_rows_are_the_inspected_ones_in_the_order_of_the_table(world):
    table, inspections = world
    some = inspections.iloc[::3]
    examples = labelled(FEATURES, table, some.sample(frac=1, random_state=1))
    expected = table.iloc[::3]
    assert examples.table["declaration_id"].tolist() == expected["declaration_id"].tolist()
    assert examples.table["item_number"].tolist() == expected["item_number"].tolist()
    assert examples.outcome().tolist() == some["result"].eq("offence").tolist()


def test_an_item_weighs_one_over_its_shipments_items_and_its_selection_probability(world):
    table, inspections = world
    examples = labelled(FEATURES, table, inspections)
    items = table.groupby("declaration_id")["item_number"].transform("size")
    expected = 1 / inspections["selection_probability"] / items
    assert examples.labels["weight"].tolist() == pytest.approx(expected.tolist())


def test_inspections_of_another_subject_are_left_out(world):
    table, inspections = world
    examples = labelled(FEATURES, table, inspections.assign(subject="crossings"))
    assert len(examples) == 0


def test_hash_of_the_data_changes_with_any_value_and_with_nothing_else(world):
    table, inspections = world
    examples = labelled(FEATURES, table, inspections)
    again = labelled(FEATURES, table.copy(), inspections.sample(frac=1, random_state=0))
    assert fingerprint_of_data(again) == fingerprint_of_data(examples)
    changed = table.copy()
    changed.loc[7, "mass"] += 1e-4
    other = labelled(FEATURES, changed, inspections)
    assert fingerprint_of_data(other) != fingerprint_of_data(examples)
    turned = inspections.copy()
    turned.loc[7, "result"] = "clear" if turned.loc[7, "result"] == "offence" else "offence"
    other = labelled(FEATURES, table, turned)
    assert fingerprint_of_data(other) != fingerprint_of_data(examples)


def test_results_known_later_are_left_out(world):
    table, inspections = world
    moment = pd.Timestamp("2024-06-01", tz="UTC")
    examples = labelled(FEATURES, table, inspections, known_before=moment)
    assert (examples.labels["label_known_at"] < moment).all()
    assert len(examples) == (inspections["known_at"] < moment).sum()


def test_the_last_bits_of_sums_change_no_fingerprint():
    examples = some_examples(200)
    gap = examples.table["gap"].where(examples.table.index != 0, 0.0)
    exact = Examples(examples.table.assign(gap=gap), examples.labels)
    off = Examples(examples.table.assign(gap=gap * (1 + 1e-15) - 1e-15), examples.labels)
    assert not off.table["gap"].equals(exact.table["gap"])
    assert fingerprint_of_data(off) == fingerprint_of_data(exact)
    moved = Examples(examples.table.assign(gap=gap + 0.001), examples.labels)
    assert fingerprint_of_data(moved) != fingerprint_of_data(exact)
