from __future__ import annotations

import math
from dataclasses import replace

from features.catalog import feature_set
from features.definition import definition
from features.facts import FACTS
from features.measures import Count, Mean, Spread
from features.profiles import Profile
from features.records import KINDS
from features.store.schema import profiles as kept_profiles

SHIPMENTS = feature_set("shipments")


def changed(profile: Profile, **fields: object) -> str:
    measures = (replace(profile.measures[0], **fields), *profile.measures[1:])
    profiles = (replace(profile, measures=measures), *SHIPMENTS.profiles[1:])
    return replace(SHIPMENTS, profiles=profiles).fingerprint


def test_the_fingerprint_follows_definitions_and_not_words():
    first = SHIPMENTS.profiles[0]
    assert changed(first, sentence="Other words") == SHIPMENTS.fingerprint
    assert changed(first, windows=(7,)) != SHIPMENTS.fingerprint
    assert replace(SHIPMENTS, derived=SHIPMENTS.derived[1:]).fingerprint != SHIPMENTS.fingerprint


def test_the_fingerprint_follows_what_is_known_of_others_and_not_words():
    *earlier, last = SHIPMENTS.relations
    inspections, *others = last.known.measures

    def of(measure: Count) -> str:
        known = replace(last.known, measures=(measure, *others))
        relations = (*earlier, replace(last, known=known))
        return replace(SHIPMENTS, relations=relations).fingerprint

    assert of(replace(inspections, sentence="Other words")) == SHIPMENTS.fingerprint
    assert of(replace(inspections, where="is_offence")) != SHIPMENTS.fingerprint


def test_every_feature_has_meaning_unit_and_the_meaning_of_missing(subject):
    for feature in feature_set(subject).features:
        assert feature.meaning, feature.name
        assert feature.unit, feature.name
        assert feature.missing, feature.name


def test_every_feature_says_its_value_in_words(subject):
    features = feature_set(subject)
    row = dict.fromkeys(features.names, 3.0)
    for feature in features.features:
        value = 3.0 if feature.kind == "number" else "XY"
        said = feature.sentence(value, row)
        assert feature.shown(value) in said, feature.name
        assert "{" not in said, feature.name
        assert said[0] == said[0].upper(), feature.name


def test_no_feature_is_made_of_a_persons_nationality(subject):
    about = feature_set(subject).about
    assert "driver_nationality" in KINDS["crossings"].fields
    assert "driver_nationality" not in about.columns
    for facts in FACTS.values():
        assert "driver_nationality" not in facts.columns
    for entry in feature_set(subject).derived:
        assert "nationality" not in definition(entry.compute)


def test_a_share_of_offences_names_what_it_is_made_of():
    row = {"importer__offences__365d": 3.0, "importer__inspections__365d": 9.0}
    assert SHIPMENTS["importer_offence_rate"].sentence(0.2, row) == (
        "3 of 9 inspections of this importer in a year found an offence;"
        " drawn to the office's share that is 0.200."
    )


def test_a_missing_value_says_why():
    said = SHIPMENTS["gross_to_net"].sentence(math.nan)
    assert said == "Not known (no gross or net mass): gross mass is … times net mass."


def test_what_shares_tiles_measures_a_value_about_one_centre():
    for profile in kept_profiles():
        centres: dict[str, set[float]] = {}
        for measure in profile.measures:
            if isinstance(measure, Mean | Spread):
                centres.setdefault(measure.value, set()).add(measure.centre)
        assert all(len(found) == 1 for found in centres.values()), profile.name
