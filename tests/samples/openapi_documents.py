"""OpenAPI documents written for tests: a pet shop with references, a parcel service in 3.1 YAML, hostile ones."""

from __future__ import annotations

import copy
import json
from typing import Any

REX = {"id": 7, "name": "Rex", "owner": {"mail": "a@b.c"}}
PET = {"$ref": "#/components/schemas/Pet"}
SHOP: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pet shop", "version": "1.4.2"},
    "servers": [
        {
            "url": "https://{region}.petshop.example/v2",
            "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}},
        },
        {"url": "https://sandbox.petshop.example", "description": "For tries"},
    ],
    "security": [{"key": []}],
    "paths": {
        "/pets": {
            "parameters": [{"$ref": "#/components/parameters/Trace"}],
            "get": {
                "operationId": "list-pets",
                "tags": ["Pets"],
                "summary": "All pets that are for sale",
                "parameters": [
                    {"name": "status", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "description": "How many", "schema": {"type": "integer"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                    {"name": "Accept", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {"200": {"$ref": "#/components/responses/Pets"}},
            },
            "post": {
                "operationId": "addPet",
                "tags": ["Pets"],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewPet"}}}},
                "responses": {"201": {"content": {"application/json": {"example": REX}}}},
            },
        },
        "/pets/{pet-id}": {
            "get": {
                "tags": ["Pets"],
                "deprecated": True,
                "security": [{"login": []}, {}],
                "parameters": [{"name": "pet-id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"2XX": {"content": {"application/json": {"schema": PET}}}},
            },
        },
        "/token": {
            "post": {
                "operationId": "token",
                "tags": ["Access"],
                "security": [],
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "properties": {"grant": {"enum": ["trial"]}, "name": {"type": "string"}},
                            }
                        }
                    }
                },
                "responses": {"204": {"description": "nothing"}},
            },
        },
        "/photo": {
            "put": {
                "operationId": "putPhoto",
                "requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object"}}}},
                "responses": {"200": {"content": {"image/png": {}}}},
            },
            "trace": {"responses": {}},
        },
    },
    "components": {
        "parameters": {"Trace": {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}}},
        "responses": {
            "Pets": {
                "content": {
                    "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
                    }
                }
            }
        },
        "schemas": {
            "NewPet": {
                "required": ["name", "age", "kind"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": {"type": "string"},
                    "age": {"type": "integer"},
                    "kind": {"type": "string", "enum": ["dog"]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
            "Pet": {
                "allOf": [
                    {"$ref": "#/components/schemas/NewPet"},
                    {
                        "properties": {
                            "mother": {"$ref": "#/components/schemas/Pet"},
                            "price": {"type": "number", "example": 9.5},
                        }
                    },
                ]
            },
        },
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Shop-Key"},
            "login": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {"tokenUrl": "https://login.petshop.example/token", "scopes": {"pets": "all"}},
                },
            },
        },
    },
}

PARCELS_YAML = """\
openapi: 3.1.0
info: {title: Parcels, version: '2'}
servers:
  - url: /api
paths:
  /parcels/{number}:
    summary: One parcel
    servers: [{url: 'https://parcels.example/api'}]
    parameters:
      - {name: number, in: path, required: true, schema: {type: string}}
    patch:
      operationId: move parcel!
      requestBody:
        content:
          application/merge-patch+json:
            schema:
              type: object
              properties:
                day: {type: [string, 'null'], format: date}
                floor: {type: [integer, 'null']}
                way: {const: lift}
                to:
                  oneOf:
                    - {type: 'null'}
                    - {$ref: '#/components/schemas/Place'}
                    - {type: string}
      responses:
        200:
          description: moved
          content:
            application/problem+json: {}
            application/json:
              examples:
                one: {$ref: '#/components/examples/Moved'}
        default: {description: no}
webhooks:
  moved: {post: {}}
components:
  examples:
    Moved: {value: {number: P-1, on: yes, day: 2024-05-01, stops: [{city: Oxford}]}}
  schemas:
    Place:
      anyOf:
        - {type: object, required: [city], properties: {city: {type: string}, zip: {type: string}}}
"""


def shop(**changes: Any) -> dict[str, Any]:
    """Return a copy of the pet shop, with other fields at the top."""
    return copy.deepcopy(SHOP) | changes


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()


def laughs(levels: int = 12) -> str:
    """YAML of a few lines that unfolds to ten times as much with each level."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "openapi: 3.0.0\n" + "\n".join(lines)


def merges(levels: int = 12) -> str:
    """The same by merge keys."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, levels)]
    return "openapi: 3.0.0\n" + "\n".join(lines)
