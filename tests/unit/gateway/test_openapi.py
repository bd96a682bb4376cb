"""The OpenAPI document: made from the routes, true about the model, and promising nothing that is refused."""

import json

import jsonschema
import msgspec
import numpy as np
import pytest

from kits.questions import NUMBERS_ONLY, SIGNATURE
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.gateway.openapi import EXCHANGES, Exchange, Operation, document
from secmlops.gateway.responses import TITLES, problem_document
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.serving.answer import Model, write_answer
from secmlops.serving.invocations import CSV_TYPE, read_invocation, write_predictions
from secmlops.serving.oip import metadata
from secmlops.serving.tensors import read_question

MODEL = Model("credit", "3", SIGNATURE)
OPERATIONS = [
    Operation("GET", "/v2/health/live", None, EXCHANGES["live"]),
    Operation("GET", "/v2", "read", EXCHANGES["server"]),
    Operation("GET", "/v2/", "read", EXCHANGES["server"]),
    Operation("GET", "/v2/models/{name}/versions/{version}", "read", EXCHANGES["model"]),
    Operation("POST", "/v2/models/{name}/infer", "predict", EXCHANGES["infer"]),
    Operation("POST", "/v2/models/{name}/versions/{version}/infer", "predict", EXCHANGES["infer"]),
    Operation("POST", "/invocations", "predict", EXCHANGES["invocations"]),
    Operation("GET", "/receipts/{which}", "receipt", EXCHANGES["receipt"]),
]


def made(*models, operations=OPERATIONS):
    return json.loads(msgspec.json.encode(document(operations, models or [MODEL], "0.1")))


DOCUMENT = made()


def validator(name, of=DOCUMENT):
    schema = {"$ref": f"#/components/schemas/{name}", "components": of["components"]}
    return jsonschema.Draft202012Validator(schema)


def test_every_schema_is_one_and_every_reference_leads_somewhere():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        validator(name).is_valid({})
    for found in json.dumps(DOCUMENT).split('"$ref": "')[1:]:
        _, *path = found.partition('"')[0].split("/")
        place = DOCUMENT
        for step in path:
            place = place[step]


def test_a_route_is_described_by_its_method_path_and_permission():
    infer = DOCUMENT["paths"]["/v2/models/credit/infer"]["post"]
    assert infer["security"] == [{"bearer": []}, {"certificate": []}]
    assert "predict" in infer["description"]
    assert "/v2/models/credit/versions/3" in DOCUMENT["paths"]
    assert {"200", "400", "401", "403", "404", "408", "413", "422", "503"} <= infer["responses"].keys()
    live = DOCUMENT["paths"]["/v2/health/live"]["get"]
    assert live["security"] == []
    assert not {"401", "403", "404"} & live["responses"].keys()


def test_each_of_several_models_has_its_own_paths_and_schemas():
    told = made(MODEL, Model("sum of three", "1", NUMBERS_ONLY))
    body = told["paths"]["/v2/models/sum%20of%20three/infer"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/model2_InferRequest"}
    assert "/v2/models/credit/infer" in told["paths"]
    assert "/invocations" not in told["paths"]
    assert "/v2" in told["paths"]
    (example,) = told["components"]["schemas"]["model2_InferRequest"]["examples"]
    validator("model2_InferRequest", told).validate(example)
    assert not validator("model1_InferRequest", told).is_valid(example)


def test_of_two_versions_the_first_has_the_paths_that_name_none():
    told = made(MODEL, Model(MODEL.name, "4", MODEL.signature))
    bodies = {path: on["post"]["requestBody"]["content"] for path, on in told["paths"].items() if "post" in on}
    schemas = {path: body["application/json"]["schema"]["$ref"].rpartition("/")[2] for path, body in bodies.items()}
    assert schemas["/v2/models/credit/infer"] == schemas["/v2/models/credit/versions/3/infer"] == "InferRequest"
    assert schemas["/v2/models/credit/versions/4/infer"] == "model2_InferRequest"
    assert schemas["/invocations"] == "Invocation"
    described = metadata("credit", ["4"], MODEL.signature)
    assert validator("Model", told).is_valid(described), "version 3 may have been withdrawn"
    assert not validator("Model", told).is_valid({**described, "versions": ["5"]})


def test_every_operation_has_a_name_of_its_own():
    names = [told["operationId"] for methods in DOCUMENT["paths"].values() for told in methods.values()]
    assert len(names) == len(set(names)) == len(OPERATIONS)


def test_a_route_given_twice_and_a_place_that_is_not_known_are_refused():
    with pytest.raises(InputError, match="twice"):
        made(operations=[*OPERATIONS, OPERATIONS[0]])
    with pytest.raises(InputError, match="nothing is known of who"):
        made(operations=[Operation("GET", "/a/{who}", "read", Exchange("x", {}))])


@pytest.mark.parametrize("signature", [SIGNATURE, NUMBERS_ONLY])
def test_the_examples_are_valid_and_are_answered_as_the_schemas_say(signature):
    model = Model("credit", "3", signature)
    told = made(model)
    schemas = told["components"]["schemas"]
    scores = np.array([[0.75, 0.25]]) if signature is SIGNATURE else np.array([[2.5]])
    (request,) = schemas["InferRequest"]["examples"]
    validator("InferRequest", told).validate(request)
    answer = write_answer(read_question(json.dumps(request).encode(), signature), scores, model, {"ledger_index": 1})
    validator("InferResponse", told).validate(json.loads(answer.body))
    (record,) = schemas["Record"]["examples"]
    for body in ({"dataframe_records": [record]}, {"inputs": [record], "params": {}}):
        validator("Invocation", told).validate(body)
        question = read_invocation(json.dumps(body).encode(), signature)
        predicted = write_predictions(question, scores, model, {"ledger_index": 1})
        validator("Predictions", told).validate(json.loads(predicted.body))


@pytest.mark.parametrize("names", [("income", "purpose"), ('a "quoted", name', "x.y*(z)"), ("one\nline", "$^")])
def test_the_example_in_csv_is_valid_and_is_read(names):
    kinds = (FeatureKind.NUMERIC, FeatureKind.CATEGORICAL)
    features = tuple(Feature(name=name, kind=kind) for name, kind in zip(names, kinds, strict=True))
    signature = Signature(task=Task.BINARY, features=features, classes=("a", "b"))
    told = made(Model("m", "1", signature))
    (text,) = told["components"]["schemas"]["Csv"]["examples"]
    validator("Csv", told).validate(text)
    assert not validator("Csv", told).is_valid(text.replace("0", "x"))
    assert read_invocation(text.encode(), signature, CSV_TYPE).inputs.numeric.tolist() == [[0.0]]


def test_probabilities_and_binary_answers_fit_the_schemas():
    question = read_invocation(b'{"inputs": [[1, 2, "a"]], "params": {"output": "probabilities"}}', SIGNATURE)
    predicted = write_predictions(question, np.array([[0.75, 0.25]]), MODEL, {})
    validator("Predictions").validate(json.loads(predicted.body))


@pytest.mark.parametrize(
    "record",
    [{}, {"income": 1, "amount": 1}, {"income": "1", "amount": 1, "purpose": "a"},
     {"income": 1, "amount": 1, "purpose": 1}, {"income": 1e39, "amount": 1, "purpose": "a"},
     {"income": 1, "amount": 1, "purpose": "a", "age": 1}],
)  # fmt: skip
def test_what_the_schema_of_a_row_forbids_is_refused(record):
    body = {"dataframe_records": [record]}
    assert not validator("Invocation").is_valid(body)
    with pytest.raises(InputError):
        read_invocation(json.dumps(body).encode(), SIGNATURE)


@pytest.mark.parametrize("status", TITLES)
def test_every_problem_fits_its_schema(status):
    validator("Problem").validate(json.loads(problem_document(status, "what")))
    validator("Problem").validate(json.loads(problem_document(status)))
