import numpy as np

from features.catalog import FeatureSet, feature_set
from features.feature import Derived
from models.views import stated, views
from tests.models.synthetic import FEATURES, a_feature
from tests.models.synthetic import a_feature_set as of_one_kind


def test_what_reads_history_or_what_was_made_from_it_is_not_stated():
    past = feature_set("shipments").profiles[:1]
    counted = next(iter(past[0].columns))
    reads = {"mass": "mass_kg", "share": counted, "drawn": "share", "log_mass": "mass"}
    derived = tuple(Derived(a_feature(name), reader(what)) for name, what in reads.items())
    features = FeatureSet("shipments", ("declaration_id",), past, derived)
    assert stated(features) == ("mass", "log_mass")


def reader(name):
    return lambda columns: columns[name]


def test_a_feature_may_bear_the_name_of_the_field_it_states():
    features = of_one_kind(*FEATURES.features)
    same = FeatureSet(
        "shipments",
        features.identity,
        (),
        tuple(Derived(f, reader(f.name)) for f in features.features),
    )
    assert stated(same) == same.names


def test_views_part_the_columns():
    features = feature_set("shipments")
    own, history = views(features)
    assert sorted([*own, *history]) == list(range(len(features.names)))
    assert tuple(np.array(features.names)[own]) == stated(features)
    assert {"hs_subheading", "net_mass", "origin", "shipment_items"} <= set(stated(features))
    remembered = {name for entry in features.remembered for name in entry.columns}
    assert remembered.isdisjoint(stated(features))
    assert not any(name.endswith("_offence_rate") for name in stated(features))


def test_features_of_one_kind_make_one_view():
    (everything,) = views(FEATURES)
    assert everything.tolist() == [0, 1, 2, 3]
