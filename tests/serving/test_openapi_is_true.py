"""`/openapi.json` is complete and true: routes, records, answers, errors, keys."""

import json

import pytest

from features.records import FILED
from serving.answers import Readiness, Score, ScoresAnswer
from serving.examples import EXAMPLES
from serving.problems import ProblemDetails

ANSWERS = {model.__name__: model for model in (Readiness, Score, ScoresAnswer, ProblemDetails)}


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def check_documented(document, answer, path, method):
    """Check an answer against the type that the document names for its status and media type."""
    said = document["paths"][path][method]["responses"][str(answer.status_code)]
    media_type = answer.headers["content-type"].partition(";")[0]
    name = said["content"][media_type]["schema"]["$ref"].rpartition("/")[2]
    ANSWERS[name].model_validate_json(answer.content)
    assert set(answer.json()) <= set(document["components"]["schemas"][name]["properties"])


def test_every_route_of_the_application_is_documented(document, desk):
    assert set(document["paths"]) == {
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/v1/shipments/score",
        "/v1/crossings/score",
        "/v1/scores/{score_id}",
        "/v1/records/{kind}",
    }


@pytest.mark.parametrize("model", [kind.model for kind in FILED.values()])
def test_a_record_is_described_with_every_field_and_its_meaning(document, model):
    schema = document["components"]["schemas"][model.__name__]
    assert set(schema["properties"]) == set(model.model_fields)
    assert all(field.get("description") for field in schema["properties"].values())
    required = {name for name, info in model.model_fields.items() if info.is_required()}
    assert set(schema["required"]) == required


def test_all_references_lead_somewhere(document):
    text = json.dumps(document)
    named = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in text


def test_everything_but_health_says_that_it_needs_a_key(document):
    scheme = document["components"]["securitySchemes"]["HTTPBearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, operations in document["paths"].items():
        for operation in operations.values():
            is_open = path in {"/livez", "/readyz"}
            assert operation.get("security", []) == ([] if is_open else [{"HTTPBearer": []}])
            assert ("401" in operation["responses"]) is not is_open


def test_errors_are_documented_as_problem_details(document):
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status != "200":
                    assert list(answer["content"]) == ["application/problem+json"]


def test_every_kind_of_record_has_an_example(document):
    body = document["paths"]["/v1/records/{kind}"]["post"]["requestBody"]
    assert list(body["content"]["application/json"]["examples"]) == list(FILED)


def test_the_examples_of_requests_are_good_records(document, client):
    for path in ("/v1/shipments/score", "/v1/crossings/score", "/v1/records/{kind}"):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for kind, example in content["examples"].items():
            answer = client.post(path.replace("{kind}", kind), json=example["value"])
            assert answer.status_code == 200
            assert answer.json()["errors"] == []


def test_what_is_answered_is_what_is_documented(document, client, declaration):
    good, bad = declaration("A"), declaration("B", origin_country="XQ")
    crossing = EXAMPLES["crossings"]
    bodies = ({"records": [crossing]}, {"records": [crossing, {}]}, {"records": [{}]}, {})
    for body in bodies:
        path = "/v1/crossings/score"
        check_documented(document, client.post(path, json=body), path, "post")
    path = "/v1/shipments/score"
    for body in ({"records": [good]}, {"records": [good, bad]}, {"records": [bad]}, {}):
        answer = client.post(path, json=body)
        check_documented(document, answer, path, "post")
    answer = client.post(path, content=b"{")
    check_documented(document, answer, path, "post")
    path = "/v1/scores/{score_id}"
    check_documented(document, client.get("/readyz"), "/readyz", "get")
    for score_id in ("of-A", "absent"):
        answer = client.get(path.replace("{score_id}", score_id))
        check_documented(document, answer, path, "get")


def test_only_the_documented_methods_are_answered(document, client):
    for path, operations in document["paths"].items():
        for method in {"get", "post", "put", "patch", "delete"} - set(operations):
            asked = path.replace("{kind}", "declarations").replace("{score_id}", "of-A")
            assert client.request(method, asked).status_code == 405
