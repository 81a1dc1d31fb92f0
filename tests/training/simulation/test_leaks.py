"""Nothing but what is recorded of the matter predicts truth.

A model sees what a record gives away without meaning to: the characters and hashes of its
identifiers, last digits, seconds, its place in the file, which fields are empty. It is judged on
organisations, traders and drivers it has not seen: to know one again is history, not a leak. The
number of persons on board and the duty rate are left out, for their last digits are the numbers
themselves, and tell what they are meant to. So do the kinds of party a payment is between and
whether it names goods: of each kind as many honest ones are drawn as there are others.
"""

import zlib

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit

CEILING = 0.55
HONEST_ROWS = 9_000
SPLITS = 6
TOLD = ["occupants", "duty_rate_pct"]
# Whose the records are: those of one are either learnt from or judged by.
SUBJECTS = {
    "declarations": ["importer_id"],
    "crossings": ["driver_id"],
    "payments": ["debtor_id", "creditor_id"],
}
PLACES = (-1, -2, -3, -4, 0, 1, 2, 3)


def of_identifier(values):
    text = values.fillna("")
    known = pd.Series(text.unique())
    parts = {"length": known.str.len(), "hash": known.map(lambda v: zlib.crc32(v.encode()))}
    parts["bucket"] = parts["hash"] % 64
    parts |= {f"at{p}": known.str[p].fillna(" ").map(lambda c: ord(c or " ")) for p in PLACES}
    return pd.DataFrame(parts).set_index(known).loc[text].reset_index(drop=True)


def of_number(values):
    cents = np.round(values.fillna(0).to_numpy() * 100).astype(np.int64)
    return pd.DataFrame({"digit": cents % 10, "two": cents % 100, "unit": cents // 100 % 10})


def of_record(records):
    """Return what records give away, by the name of the field it comes from."""
    parts = {
        "row": pd.DataFrame({"row": np.arange(len(records)), "odd": np.arange(len(records)) % 7})
    }
    for name, values in records.items():
        plain = values.reset_index(drop=True)
        if name.endswith("_id"):
            parts[name] = of_identifier(plain)
        elif plain.dtype.kind == "f":
            parts[name] = of_number(plain)
        elif plain.dtype.kind == "M":
            parts[name] = pd.DataFrame({"second": plain.dt.second})
        if plain.isna().any():
            parts[f"{name} empty"] = pd.DataFrame({"empty": plain.isna().astype(int)})
    return parts


@pytest.fixture(scope="module", params=SUBJECTS)
def given_away(request, world):
    """What records give away, whether they offend, and whose they are; fewer of the honest."""
    records, truth = world[request.param], world[f"truth/{request.param}"]
    if request.param == "payments":
        organisation = records["payment_id"].map(truth.set_index("payment_id")["organisation_id"])
        offends = organisation.notna().to_numpy()
        kept = as_many_of_each_kind(records, offends)
    else:
        organisation, offends = truth["organisation_id"], truth["offence"].notna().to_numpy()
        share = HONEST_ROWS / len(records)
        kept = np.flatnonzero(offends | (np.random.default_rng(0).random(len(records)) < share))
    parts = of_record(records.drop(columns=TOLD, errors="ignore"))
    columns = {name: part.iloc[kept].add_prefix(f"{name} ") for name, part in parts.items()}
    owners = [
        organisation.fillna(records[name]).fillna(records.iloc[:, 0]).iloc[kept].to_numpy()
        for name in SUBJECTS[request.param]
    ]
    return columns, offends[kept], owners


def as_many_of_each_kind(payments, offends):
    """Return the rows that offend, and for each an honest one between like parties."""
    rng = np.random.default_rng(0)
    between = payments["debtor_id"].str[:2] + payments["creditor_id"].str[:2]
    kind = between + payments["declaration_id"].isna().astype(str)
    kept = [np.flatnonzero(offends)]
    for each, count in kind[offends].value_counts().items():
        honest = np.flatnonzero(kind.eq(each).to_numpy() & ~offends)
        kept.append(rng.choice(honest, min(count, len(honest)), replace=False))
    return np.sort(np.concatenate(kept))


def auc(columns, offends, owners):
    """Judge a small model on organisations and traders it has not seen, over several splits."""
    found = []
    for seen, unseen in GroupShuffleSplit(SPLITS, test_size=0.5, random_state=0).split(
        columns, offends, owners[0]
    ):
        fresh = np.all([~np.isin(owner[unseen], owner[seen]) for owner in owners], axis=0)
        judged = unseen[fresh]
        model = LGBMClassifier(n_estimators=60, num_leaves=15, min_child_samples=30, verbose=-1,
                               random_state=0, n_jobs=1)  # fmt: skip
        model.fit(columns.iloc[seen], offends[seen])
        risk = model.predict_proba(columns.iloc[judged])[:, 1]
        found.append(roc_auc_score(offends[judged], risk))
    return float(np.mean(found))


def test_identifiers_order_digits_and_empty_fields_together_do_not_tell(given_away):
    columns, offends, owners = given_away
    assert auc(pd.concat(columns.values(), axis=1), offends, owners) < CEILING


@pytest.mark.parametrize(
    "is_kind",
    [
        pytest.param(lambda name: name.endswith("_id"), id="identifiers"),
        pytest.param(lambda name: name.endswith("empty"), id="empty fields"),
        pytest.param(lambda name: name == "row", id="order"),
        pytest.param(lambda name: not name.endswith(("_id", "empty", "row")), id="last digits"),
    ],
)
def test_no_kind_of_them_alone_tells(given_away, is_kind):
    columns, offends, owners = given_away
    chosen = [part for name, part in columns.items() if is_kind(name)]
    assert auc(pd.concat(chosen, axis=1), offends, owners) < CEILING


def test_the_model_of_this_test_would_see_a_leak(given_away):
    columns, offends, owners = given_away
    rng = np.random.default_rng(1)
    digit = np.where(
        offends & (rng.random(len(offends)) < 0.5), 7, rng.integers(0, 10, len(offends))
    )
    chosen = [*columns.values(), pd.DataFrame({"digit": digit}, index=columns["row"].index)]
    assert auc(pd.concat(chosen, axis=1), offends, owners) > CEILING
