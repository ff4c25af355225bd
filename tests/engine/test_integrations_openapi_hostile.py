"""OpenAPI documents that are hostile, damaged or none at all: refused with a sentence, or read within bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.engine import openapi, openapi_proposals, openapi_reading, openapi_schema
from integrations.engine.openapi_refs import Document
from tests.samples import openapi_documents as documents


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is nothing to read. Choose a file or paste the document."),
        ("[1]", "This is no OpenAPI document: it begins with no fields such as “openapi” and “paths”."),
        ("{]", "The document is neither JSON nor YAML: line 1, column 2: "),
        ("a: !!python/object/apply:os.system [ls]", "The document is neither JSON nor YAML"),
        ("a: !!set {x, y}", "The document holds a YAML value that JSON does not have."),
        ("a: &a [*a]", "The YAML reference *a stands inside itself."),
        (documents.laughs(), "The document unfolds to more than 400,000 values."),
        (documents.merges(), "The document unfolds to more than 400,000 values."),
        ("[" * 500 + "]" * 500, "The document is nested more than 100 levels deep."),
        ("- " * 5_000 + "x", "The document is nested more than 100 levels deep."),
        ('{"a":' * 150 + "1" + "}" * 150, "The document is nested more than 100 levels deep."),
        ("x" * 3_500_001, "The document is larger than 3.5 MB."),
    ],
    ids=[
        "empty",
        "list",
        "broken",
        "object",
        "set",
        "itself",
        "laughs",
        "merges",
        "deep",
        "deep yaml",
        "deep json",
        "large",
    ],
)
def test_what_is_no_document_or_a_hostile_one_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(openapi.NotOpenApi) as refused:
        openapi.load(text)

    assert refused.value.message.startswith(said)


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(openapi.NotOpenApi, match="no UTF-8"):
        openapi.load(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("root", "said"),
    [
        ({"swagger": "2.0"}, "Swagger 2"),
        ({"openapi": "4.0.0"}, "version 4.0.0"),
        ({"openapi": "3.2.0"}, "version 3.2.0"),
        ({"paths": {}}, "no field “openapi”"),
    ],
)
def test_another_kind_of_document_is_refused(root: dict[str, Any], said: str) -> None:
    with pytest.raises(openapi.NotOpenApi, match=said):
        openapi.read(root)


def test_schemas_that_multiply_end_in_bounded_time() -> None:
    schemas = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 10} for n in range(30)}
    schemas["S30"] = {"properties": {str(n): {"$ref": "#/components/schemas/S0"} for n in range(50)}}
    document = Document({"components": {"schemas": schemas}})
    walk = openapi_schema.Walk(document, openapi_schema.body_leaf)

    walk.value({"$ref": "#/components/schemas/S0"})

    assert walk.made < openapi_schema.MAX_VALUES * 20


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in pairs for place in [(value, key), *_places(each)]]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_document_that_is_damaged_anywhere_is_still_read_or_refused_with_a_sentence(data: st.DataObject) -> None:
    root = documents.shop()
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(_places(root)))
        holder[key] = data.draw(ANY)
    try:
        api = openapi.read(openapi.load(documents.as_json(root)))
    except openapi.NotOpenApi as refused:
        assert refused.message.endswith(".")
        return

    proposals = openapi_proposals.propose(root, keys=frozenset(each.key for each in api.operations))

    assert len(proposals) == len(api.operations)
    assert all(isinstance(each.body, str) and each.name for each in proposals)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!<>|'\"#,\n 01?%", max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        assert isinstance(openapi.load(text), dict)
    except openapi_reading.NotOpenApi as refused:
        assert refused.message
