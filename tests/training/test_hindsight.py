import numpy as np
import pandas as pd
import pytest

from features.errors import TidewaiterError
from models import fit_model
from tests.models.synthetic import FEATURES, QUICK, some_examples
from training.hindsight import Hindsight, typology_rows
from training.split import Split

DAY = pd.Timestamp("2024-10-01", tz="UTC")
IDENTITY = ["declaration_id", "item_number"]


@pytest.fixture(scope="module")
def world():
    """Labelled rows on both sides of a day, and the truth, of which controls find a part."""
    examples = some_examples(4000, seed=7)
    random = np.random.default_rng(1)
    table, offends = examples.table, examples.outcome()
    typology = pd.Series(np.where(examples.outcome("drugs"), "hidden", "split"), dtype="str")
    ids = table["declaration_id"].unique()
    looked = set(ids[random.random(len(ids)) < 0.1])
    truth = table[IDENTITY].assign(
        offence=pd.Series("drugs", index=table.index, dtype="str").where(offends),
        typology=typology.where(offends),
        inspected=table["declaration_id"].isin(looked),
    )
    found = truth.loc[truth["inspected"] & offends & (random.random(len(table)) < 0.7)]
    inspections = pd.DataFrame(
        {"subject": "shipments", "subject_id": found["declaration_id"], "result": "offence"}
    )
    return examples, truth, inspections


@pytest.fixture
def hindsight(world, tmp_path):
    examples, truth, inspections = world
    truth.to_parquet(tmp_path / "declarations.parquet")
    data = Split(examples.known_before(DAY), examples.since(DAY), examples, DAY.date())
    return Hindsight.read(tmp_path, FEATURES, examples.table, data, inspections)


@pytest.fixture
def rows(hindsight, world):
    training = world[0].known_before(DAY)
    model = fit_model(FEATURES, training, QUICK, np.random.default_rng(0))
    return {row["typology"]: row for row in typology_rows(hindsight, model, training, QUICK)}


def test_all_traffic_is_judged_whether_anyone_looked_or_not(hindsight, world):
    examples, truth, _ = world
    since = (examples.table["known_at"] >= DAY).to_numpy()
    assert len(hindsight.examples) == since.sum()
    assert hindsight.examples.outcome().tolist() == truth["offence"].notna()[since].tolist()


def test_the_policy_and_what_it_found_are_counted_in_subjects(rows, world):
    examples, truth, inspections = world
    late = truth.loc[(examples.table["known_at"] >= DAY).to_numpy()]
    guilty = set(late.loc[late["offence"].notna(), "declaration_id"])
    inspected = set(late.loc[late["inspected"], "declaration_id"])
    row = rows["all"]
    assert row["offending"] == len(guilty)
    assert row["capacity"] == len(inspected)
    assert row["policy"] == pytest.approx(len(guilty & inspected) / len(guilty))
    found = guilty & set(inspections["subject_id"])
    assert row["policy_found"] == pytest.approx(len(found) / len(guilty))
    assert row["oracle"] == pytest.approx(min(1, len(inspected) / len(guilty)))


def test_a_model_reaches_more_than_lot_and_no_more_than_an_oracle(rows):
    row = rows["all"]
    assert row["random"] < row["model"] <= row["oracle"]


def test_a_typology_is_left_out_of_training_only(hindsight, world):
    training = world[0].known_before(DAY)
    left = hindsight.without(training, "hidden")
    gone = set(map(tuple, training.table[IDENTITY].to_numpy())) - set(
        map(tuple, left.table[IDENTITY].to_numpy())
    )
    truth = world[1]
    hidden = truth.loc[truth["typology"].eq("hidden").fillna(value=False), IDENTITY]
    known = set(map(tuple, training.table[IDENTITY].to_numpy()))
    assert gone == known & set(map(tuple, hidden.to_numpy()))
    assert gone


def test_each_typology_has_a_row_with_a_model_that_never_saw_it(rows):
    assert set(rows) == {"all", "hidden", "split"}
    assert all(0 <= rows[name]["model_without"] <= 1 for name in ("hidden", "split"))


def test_a_folder_without_truth_is_refused(world, tmp_path):
    examples, _, inspections = world
    data = Split(examples, examples, examples, DAY.date())
    with pytest.raises(TidewaiterError, match="expected the truth of a simulated world"):
        Hindsight.read(tmp_path, FEATURES, examples.table, data, inspections)
