"""What an officer reads comes in the language asked for; everything else is the same."""

import json

import pytest

from features.language import ENGLISH, LANGUAGES, language
from features.store import LINKS
from serving.answers import Score
from serving.scoring import told

PATH = "/v1/shipments/score"
SPOKEN = {
    None: "en",
    "nl": "nl",
    "nl-BE,nl;q=0.9,en;q=0.5": "nl",
    "en-GB,nl;q=0.9": "en",
    "fr,de;q=0.8": "en",
    "nl;q=0, en": "en",
    "*": "en",
    "NL-nl": "nl",
    ";;,=": "en",
}
WORDS = {"en": "It is new.", "nl": "Het is nieuw."}


@pytest.mark.parametrize(("asked", "spoken"), SPOKEN.items(), ids=str)
def test_the_first_language_there_is_is_spoken(client, declaration, asked, spoken):
    headers = {} if asked is None else {"Accept-Language": asked}
    for answer in (
        client.post(PATH, content=json.dumps({"records": [declaration("A")]}), headers=headers),
        client.get("/v1/scores/of-A", headers=headers),
    ):
        assert answer.headers["content-language"] == spoken
        assert answer.headers["vary"] == "Accept-Language"
        said = answer.json()
        [score] = said.get("scores", [said])
        assert score["reasons"][0]["text"] == WORDS[spoken]


def test_the_document_names_the_languages(client):
    paths = client.get("/openapi.json").json()["paths"]
    for operation in (paths[PATH]["post"], paths["/v1/scores/{score_id}"]["get"]):
        assert "Accept-Language" in {one["name"] for one in operation["parameters"]}
        header = operation["responses"]["200"]["headers"]["Content-Language"]
        assert header["schema"]["enum"] == list(LANGUAGES)


def test_a_score_stored_by_an_earlier_release_is_told_as_it_was():
    reason = {"feature": "net_mass", "value": 2.0, "contribution": 0.5, "text": "As it was."}
    body = {
        "id": "A",
        "item_number": 1,
        "score_id": "of-A",
        "risk": 0.1,
        "log_odds": -2.25,
        "base_value": -3.0,
        "channel": "green",
        "offences": {},
        "reasons": [reason],
        "other_contribution": 0.25,
        "model_version": "7",
    }
    row = {"subject": "shipments", "body": json.dumps(body), "features": '{"net_mass": 2.0}'}
    row |= dict.fromkeys(LINKS)
    for spoken in (ENGLISH, language("nl")):
        score = Score.model_validate_json(told(row, spoken))
        assert score.reasons[0].text == "As it was."
        assert (score.novelty, score.reasons[0].peers) == (None, None)
