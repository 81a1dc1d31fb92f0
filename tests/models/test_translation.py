"""Every sentence an officer reads is there in every language, with the same placeholders."""

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import RECORDS, feature_set
from features.errors import TidewaiterError
from features.feature import MESSAGES as OF_FEATURES
from features.language import LANGUAGES, catalogue, language
from models.normals import Normal, Peers
from models.wording import MESSAGES as OF_REASONS
from models.wording import saying

TRANSLATED = [code for code in LANGUAGES if code != "en"]


def said():
    """Every message that the code may say."""
    features = [feature for subject in RECORDS for feature in feature_set(subject).features]
    of_features = [text for feature in features for text in (feature.wording, feature.missing)]
    return {*of_features, *OF_FEATURES, *OF_REASONS}


def placeholders(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_has_its_translation_and_no_other_is_kept(code):
    kept = {message.id: message for message in catalogue(code) if message.id}
    assert set(kept) == said()
    assert not [message.id for message in kept.values() if message.fuzzy]


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_message(code):
    for message in catalogue(code):
        if message.id:
            several = isinstance(message.id, tuple)
            pairs = (
                zip(message.id, message.string, strict=True)
                if several
                else [(message.id, message.string)]
            )
            for ours, theirs in pairs:
                assert theirs, ours
                assert placeholders(theirs) == placeholders(ours), ours


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("subject", RECORDS)
def test_every_feature_is_told_whole_in_every_language(code, subject):
    features, speech = feature_set(subject), language(code)
    row = dict.fromkeys(features.names, 3.0)
    for feature in features.features:
        value = 3.0 if feature.kind == "number" else "XY"
        for told in (feature.sentence(value, row, speech), feature.sentence(None, row, speech)):
            assert "{" not in told, feature.name
            assert told.endswith("."), feature.name
        assert feature.shown(value, speech) in feature.sentence(value, row, speech), feature.name


def test_a_reason_in_dutch_has_dutch_numbers_and_plurals():
    peers = Peers("hs_chapter", "08", Normal(900, 1200.0, 200.0, 3400.5))
    features = feature_set("shipments")
    of_mass = saying(features["net_mass"], peers, "shipments", "nl")
    assert of_mass.text(12345.6, {}, raises=True, others=1) == (
        "De nettomassa is 12.345,6 kg; gebruikelijk in GS-hoofdstuk 08 is 1.200,0, de helft ligt"
        " tussen 200,0 en 3.400,5. Samen met 1 verwant kenmerk verhoogt dit het risico."
    )
    peers = Peers(None, None, Normal(9, 0.0, 0.0, 0.0))
    of_truth = saying(features["is_transshipped"], peers, "shipments", "nl")
    assert of_truth.text(1.0, {}, raises=False, others=2) == (
        "De oorsprong is een ander land dan dat van vertrek: ja; gebruikelijk bij alle zendingen"
        " is nee. Samen met 2 verwante kenmerken verlaagt dit het risico."
    )


@given(st.floats(-1e12, 1e12), st.integers(0, 3))
def test_a_number_is_the_same_whichever_its_marks(value, digits):
    dutch = language("nl").number(value, digits)
    assert dutch.replace(".", "").replace(",", ".") == f"{value:.{digits}f}"


def test_an_unknown_language_is_refused():
    with pytest.raises(TidewaiterError, match="expected a language among en, nl, got 'xx'"):
        language("xx")
