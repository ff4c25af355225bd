"""OpenAPI documents: what is read, what is proposed, what is listed, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.engine import call, json_values, openapi, openapi_proposals, scope
from integrations.engine.openapi_proposals import Proposal
from integrations.engine.openapi_refs import Document
from integrations.engine.spec import IntegrationSpec
from tests.samples import openapi_documents as documents


def proposal(key: str, root: dict[str, Any] | None = None) -> Proposal:
    [found] = openapi_proposals.propose(root or documents.shop(), keys=frozenset({key}))
    return found


def parcel() -> Proposal:
    return proposal("PATCH /parcels/{number}", openapi.load(documents.PARCELS_YAML))


def test_a_document_is_a_list_of_operations_with_tags_and_summaries() -> None:
    api = openapi.read(openapi.load(documents.as_json(documents.SHOP)))

    assert (api.title, api.version) == ("Pet shop", "1.4.2")
    assert [operation.key for operation in api.operations] == [
        "GET /pets", "POST /pets", "GET /pets/{pet-id}", "POST /token", "PUT /photo",
    ]  # fmt: skip
    assert api.operations[0].tag == "Pets"
    assert api.operations[0].summary == "All pets that are for sale"
    assert api.operations[2].deprecated
    assert api.notes == ("TRACE /photo is no method that an integration can have.",)


def test_the_variables_of_a_server_get_their_default_values() -> None:
    api = openapi.read(documents.shop())

    assert api.servers[0].variables == (("region", "eu"),)
    assert openapi.filled(api.servers[0]) == "https://eu.petshop.example/v2"


def test_required_parameters_are_on_and_optional_ones_are_off() -> None:
    found = proposal("GET /pets")

    assert [(row.key, row.value, row.enabled) for row in found.parameters] == [
        ("status", "{$botContext.status}", True),
        ("limit", "{$botContext.limit}", False),
    ]
    assert [(row.key, row.enabled) for row in found.headers] == [("X-Trace", True)]
    assert found.parameters[1].note == "How many"


def test_a_cookie_parameter_is_listed_and_left_out() -> None:
    assert "The parameter session (in cookie) was left out." in proposal("GET /pets").notes


def test_a_variable_of_the_path_gets_a_name_that_a_bot_variable_can_have() -> None:
    assert proposal("GET /pets/{pet-id}").path == "/pets/{$botContext.pet_id}"


def test_the_body_asks_for_what_is_required_and_says_what_it_left_out() -> None:
    found = proposal("POST /pets")

    assert found.body == ('{\n  "name": "{$botContext.name}",\n  "age": {$botContext.age},\n  "kind": "dog"\n}')
    assert "Optional in the body, left out: tags." in found.notes


def test_the_proposed_request_can_be_built_and_is_json() -> None:
    found = proposal("POST /pets")
    definition = IntegrationSpec(
        "1", "Add", "Add", method="POST", url=f"https://a.example{found.path}", body=found.body
    )
    variables = scope.Scope({}, {})
    variables.set("name", 'Rex "the" dog')
    variables.set("age", json_values.NumberText("4"))

    built = call.build(definition, variables)

    assert json.loads(built.body or b"") == {"name": 'Rex "the" dog', "age": 4, "kind": "dog"}


def test_a_form_body_has_its_content_type() -> None:
    found = proposal("POST /token")

    assert found.body == "grant=trial&name={$botContext.name}"
    assert [(row.key, row.value) for row in found.headers] == [("Content-Type", openapi_proposals.FORM)]
    assert found.security == ()


def test_a_multipart_body_is_listed() -> None:
    found = proposal("PUT /photo")

    assert found.body == ""
    assert "A body of the type multipart/form-data was not made; write the Post Body by hand." in found.notes
    assert found.sample is None


def test_a_sample_comes_from_the_example_and_suggests_fields() -> None:
    found = proposal("POST /pets")

    assert found.sample is not None
    assert (found.sample.status, json.loads(found.sample.body)["owner"]) == (201, {"mail": "a@b.c"})
    assert [(each.key, each.value("api_Add")) for each in found.fields] == [
        ("id", "{$.api_Add.id}"),
        ("name", "{$.api_Add.name}"),
        ("owner_mail", "{$.api_Add.owner.mail}"),
    ]


def test_a_sample_is_made_from_a_schema_that_contains_itself() -> None:
    found = proposal("GET /pets")

    assert found.sample is not None
    [pet] = json.loads(found.sample.body)
    assert pet["price"] == 9.5
    assert pet["kind"] == "dog"
    assert "mother" not in pet
    assert "{$.api_Pets[i].price}" in [each.value("api_Pets") for each in found.fields]


def test_security_schemes_are_credential_types_with_what_an_administrator_needs() -> None:
    [key] = proposal("GET /pets").security
    [login] = proposal("GET /pets/{pet-id}").security

    assert (key.kind, key.facts) == ("api_key", (("Name", "X-Shop-Key"), ("Place", "header")))
    assert login.kind == "oauth_client"
    assert ("Token URL", "https://login.petshop.example/token") in login.facts
    assert "The operation also works without a credential." in proposal("GET /pets/{pet-id}").notes


@pytest.mark.parametrize(
    ("scheme", "kind"),
    [
        ({"type": "http", "scheme": "Basic"}, "basic"),
        ({"type": "http", "scheme": "bearer"}, "access_token"),
        ({"type": "apiKey", "in": "query", "name": "k"}, "api_key"),
        ({"type": "oauth2", "flows": {"authorizationCode": {}}}, "oauth_code"),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://x.example"}, "oauth_code"),
        ({"type": "mutualTLS"}, "mutual_tls"),
        ({"type": "http", "scheme": "digest"}, ""),
        ({"type": "apiKey", "in": "cookie", "name": "k"}, ""),
        ({"type": "oauth2", "flows": {"implicit": {}}}, ""),
        ({"type": "magic"}, ""),
    ],
)
def test_each_security_scheme_is_known_or_says_why_not(scheme: dict[str, Any], kind: str) -> None:
    root = documents.shop()
    root["components"]["securitySchemes"]["key"] = scheme

    [need] = proposal("GET /pets", root).security

    assert need.kind == kind
    assert bool(need.why) is not bool(kind)


def test_a_document_in_yaml_of_version_3_1_is_read() -> None:
    found = parcel()

    assert found.name == "MoveParcel"
    assert found.base is not None
    assert found.base.url == "https://parcels.example/api"
    assert [(row.key, row.value) for row in found.headers] == []
    assert json.loads(found.body.replace(": {$botContext.floor}", ": 4")) == {
        "day": "{$botContext.day}", "floor": 4, "way": "lift", "to": {"city": "{$botContext.to_city}"},
    }  # fmt: skip


def test_yaml_means_json_so_dates_and_yes_stay_texts() -> None:
    sample = parcel().sample

    assert sample is not None
    assert json.loads(sample.body) == {"number": "P-1", "on": "yes", "day": "2024-05-01", "stops": [{"city": "Oxford"}]}


def test_alternatives_and_webhooks_are_listed() -> None:
    assert "Of 2 alternatives (oneOf), the first was taken." in parcel().notes
    notes = openapi.read(openapi.load(documents.PARCELS_YAML)).notes
    assert "Webhooks are calls to a server of yours; they were left out." in notes


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("https://elsewhere.example/pet.json#/Pet", "leads out of the document; nothing is fetched."),
        ("other.yaml", "leads out of the document; nothing is fetched."),
        ("file:///etc/passwd", "leads out of the document; nothing is fetched."),
        ("#/components/schemas/Nobody", "leads nowhere."),
        ("#/components/schemas/Circle", "leads in a circle."),
    ],
)
def test_a_reference_that_cannot_be_followed_is_listed(reference: str, said: str) -> None:
    root = documents.shop()
    root["components"]["schemas"]["Circle"] = {"$ref": "#/components/schemas/Circle"}
    root["components"]["responses"]["Pets"]["content"]["application/json"]["schema"] = {"$ref": reference}

    assert f"The reference {reference} {said}" in proposal("GET /pets", root).notes


def test_a_reference_may_have_escaped_parts() -> None:
    document = Document({"paths": {"/a~b": {"get": {"x": 1}}}})

    assert document.object({"$ref": "#/paths/~1a~0b/get"}) == {"x": 1}
