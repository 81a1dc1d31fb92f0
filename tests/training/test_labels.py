import pandas as pd
import pytest

from training.labels import item_labels

ITEMS = pd.DataFrame({"declaration_id": ["A", "A", "B"], "item_number": [1, 2, 1]})
FIELDS = {
    "subject_id": "A",
    "known_at": "2024-03-01",
    "result": "clear",
    "item_number": None,
    "control_type": "physical",
    "offence": None,
    "revenue_recovered": None,
    "selection_reason": None,
    "selection_probability": None,
}


def inspections(*rows):
    frame = pd.DataFrame([FIELDS | row for row in rows], columns=list(FIELDS))
    frame["inspection_id"] = [f"I{number}" for number in range(len(rows))]
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    types = {"item_number": "Int64", "revenue_recovered": "float64"}
    types |= {"selection_probability": "float64"}
    types |= dict.fromkeys(["offence", "selection_reason", "control_type", "result"], "str")
    return frame.astype(types)


def labels(*rows, **kwargs):
    found = item_labels(inspections(*rows), ITEMS, **kwargs)
    return found.set_index(["declaration_id", "item_number"])


def offence(**fields):
    return {"result": "offence", "offence": "drugs"} | fields


def test_an_inspection_of_a_shipment_labels_all_its_items():
    found = labels(offence())
    assert found["outcome"].to_dict() == {("A", 1): True, ("A", 2): True}


def test_an_inspection_of_an_item_labels_that_item_only():
    found = labels(offence(item_number=2))
    assert found["outcome"].to_dict() == {("A", 2): True}


@pytest.mark.parametrize(
    ("row", "is_label"),
    [
        ({"result": "inconclusive"}, False),
        ({"result": "clear", "control_type": "documents"}, False),
        ({"result": "clear", "control_type": "scan"}, True),
        ({"result": "clear", "control_type": None}, True),
        ({"result": "offence", "control_type": "documents", "offence": "fraud"}, True),
    ],
)
def test_only_a_control_that_looked_at_goods_gives_a_clean_negative(row, is_label):
    assert len(labels(row)) == (2 if is_label else 0)


def test_any_offence_wins_and_is_known_from_when_it_was_found():
    found = labels(
        {"known_at": "2024-03-01"},
        offence(known_at="2024-03-05"),
        offence(known_at="2024-03-09"),
        {"known_at": "2024-03-11"},
    )
    assert found["outcome"].all()
    assert (found["label_known_at"] == pd.Timestamp("2024-03-05", tz="UTC")).all()


def test_a_clear_item_is_known_from_the_first_result():
    found = labels({"known_at": "2024-03-07"}, {"known_at": "2024-03-02"})
    assert not found["outcome"].any()
    assert (found["label_known_at"] == pd.Timestamp("2024-03-02", tz="UTC")).all()


def test_result_is_invisible_before_it_was_known():
    rows = [{"known_at": "2024-03-01"}, offence(known_at="2024-03-05")]
    at = pd.Timestamp("2024-03-05", tz="UTC")
    assert not labels(*rows, known_before=at)["outcome"].any()
    assert labels(*rows, known_before=at + pd.Timedelta("1us"))["outcome"].all()


def test_each_offence_is_told_apart_and_one_without_a_name_counts_as_an_offence():
    found = labels(
        offence(item_number=1),
        offence(item_number=1, offence="fraud"),
        offence(subject_id="B", offence=None),
    )
    assert found.loc[("A", 1), ["found_drugs", "found_fraud"]].tolist() == [True, True]
    assert found.loc[("B", 1), ["found_drugs", "found_fraud"]].tolist() == [False, False]
    assert found.loc[("B", 1), "outcome"]


def test_revenue_of_a_shipment_is_counted_once():
    found = labels(
        offence(revenue_recovered=80.0),
        offence(item_number=2, revenue_recovered=5.0),
        {"subject_id": "B"},
    )
    assert found["revenue"].sum() == 85.0
    assert found.loc[("A", 2), "revenue"] == 45.0
    assert pd.isna(found.loc[("B", 1), "revenue"])


def test_selection_is_kept_the_largest_probability_and_whether_any_draw_was_random():
    found = labels(
        {"selection_probability": 0.1, "selection_reason": "random"},
        {"selection_probability": 0.4, "selection_reason": "rule"},
        {"subject_id": "B"},
    )
    assert (found.loc["A", "selection_probability"] == 0.4).all()
    assert found.loc["A", "random"].all()
    assert pd.isna(found.loc[("B", 1), "selection_probability"])
    assert not found.loc[("B", 1), "random"]


def test_inspections_of_unknown_records_label_nothing():
    assert labels({"subject_id": "Z"}, offence(item_number=9)).empty


def test_no_inspections_give_no_labels():
    assert labels().empty


def test_crossings_are_labelled_without_items():
    crossings = pd.DataFrame({"crossing_id": ["A", "B"]})
    found = item_labels(inspections(offence()), crossings)
    assert found[["crossing_id", "outcome"]].to_numpy().tolist() == [["A", True]]
