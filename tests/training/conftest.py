import shutil
from contextlib import AbstractContextManager

import numpy as np
import pandas as pd
import pytest

from features.home import Home
from models import fit_model, risk
from models.registry import Registry
from tests.models.synthetic import FEATURES, QUICK, some_examples
from training import challenge, contest, evaluate, train

KNOWN_AFTER = pd.Timedelta(days=10)


@pytest.fixture(scope="session")
def world():
    """Feature table and the inspections of its shipments; one in ten inspected at random."""
    examples = some_examples(4000, seed=2)
    return examples.table, inspections_of(examples)


def inspections_of(examples):
    table, labels = examples.table, examples.labels
    random = np.random.default_rng(5).random(len(table)) < 0.1
    offence = np.where(labels["found_drugs"], "drugs", "fraud")
    return pd.DataFrame(
        {
            "inspection_id": [f"I{number}" for number in range(len(table))],
            "subject": "shipments",
            "subject_id": table["declaration_id"],
            "known_at": table["known_at"] + KNOWN_AFTER,
            "result": np.where(labels["outcome"], "offence", "clear"),
            "item_number": table["item_number"].astype("Int64"),
            "control_type": "physical",
            "offence": pd.Series(offence, dtype="str").where(labels["outcome"]),
            "seized_quantity": np.nan,
            "revenue_recovered": np.where(labels["outcome"], 50.0, np.nan),
            "selection_reason": pd.Series(np.where(random, "random", "rule"), dtype="str"),
            "selection_probability": np.where(random, 0.1, 1.0),
        }
    )


class KnownRecords(AbstractContextManager):
    """A store that holds the records of the synthetic world."""

    def __init__(self, table, inspections):
        self.inspections = inspections
        self.declarations = table[["declaration_id", "item_number"]].assign(
            origin_country=table["origin"], office_id=np.where(table["gap"] > 0, "NLRTM", "BEANR")
        )
        every_third = table["declaration_id"].drop_duplicates()[::3]
        self.crossings = pd.DataFrame({"declaration_id": every_third, "driver_nationality": "PL"})

    def __exit__(self, *_):
        self.close()

    def close(self):
        pass

    def read(self, kind, *, fields=None):
        records = getattr(self, kind)
        return records if fields is None else records[fields]


@pytest.fixture(scope="module")
def store(world):
    """The synthetic world in place of a store and its catalogue."""
    table, inspections = world

    def feature_table(_store, subject, progress=None):
        assert subject == "shipments"
        if progress is not None:
            progress(1.0)
        return table

    with pytest.MonkeyPatch.context() as patch:
        for module in (train, evaluate, contest):
            patch.setattr(module, "feature_table", feature_table)
        for module in (train, evaluate, contest, challenge, risk):
            patch.setattr(module, "feature_set", lambda _subject: FEATURES)
        yield KnownRecords(table, inspections)


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory):
    """An MLflow database without anything in it: making one takes seconds, copying it none."""
    home = Home(tmp_path_factory.mktemp("empty"))
    assert Registry(home).versions("shipments") == []
    return home.path / "mlflow.db"


@pytest.fixture
def home(tmp_path, empty_registry):
    home = Home(tmp_path / "home").prepare()
    shutil.copy(empty_registry, home.path)
    return home


@pytest.fixture(scope="module")
def trained(store, tmp_path_factory, empty_registry):
    """A home with one trained version, to be read only, and the result of the training."""
    home = Home(tmp_path_factory.mktemp("trained")).prepare()
    shutil.copy(empty_registry, home.path)
    return home, train.train(store, home, "shipments", settings=QUICK)


@pytest.fixture
def own_copy(trained, tmp_path):
    """A registry with one trained version, to be changed: only the database is its own."""
    home, result = trained
    copy = Home(tmp_path / "copy").prepare()
    shutil.copy(home.path / "mlflow.db", copy.path)
    return copy, result


@pytest.fixture(scope="session")
def fitted():
    return fit_model(FEATURES, some_examples(), QUICK, np.random.default_rng(0))
