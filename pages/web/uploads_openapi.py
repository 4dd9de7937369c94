"""The description of `/api/uploads`, made from the very models and routes that answer there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from loaders.choices import Choices
from pages.web import uploads
from pages.web.reading import language_of
from pages.web.uploads_models import Checked, Loaded, Problem, Undone, UndoOrder, Upload, UploadForm
from wording import Language, knows, say

PLACE = "#/components/schemas/{model}"
COMMON = (401, 403, 429, 500, 503)
WITH_RETRY = (429,)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. done: what each good status answers; refused: the statuses of a Problem."""

    method: str
    path: str
    name: str
    done: Mapping[int, tuple[type[BaseModel], ...]]
    refused: tuple[int, ...]
    form: type[BaseModel] | None = None
    body: type[BaseModel] | None = None


OPERATIONS = (
    Operation(
        "post", "/api/uploads", "upload", {200: (Loaded, Checked), 201: (Loaded,)}, (400, 408, 409, 413, 415, 422),
        form=UploadForm,
    ),
    Operation("get", "/api/uploads/{id}", "read", {200: (Upload,)}, (404,)),
    Operation("post", "/api/uploads/{id}/undo", "undo", {200: (Undone,)}, (400, 404, 408, 409, 413), body=UndoOrder),
)  # fmt: skip


def described(language: Language) -> dict[str, Any]:
    """Describe the API in OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": say("api.title", language), "version": "1", "description": say("api.about", language)},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": _paths(language),
        "components": {
            "schemas": _schemas(language),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": say("api.token", language)}
            },
        },
    }


def openapi(request: Request) -> JSONResponse:
    """Answer with the description."""
    return JSONResponse(
        described(language_of(request)), headers={"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    )


def _paths(language: Language) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        described_as: dict[str, Any] = {
            "operationId": operation.name,
            "summary": say(f"api.operation.{operation.name}", language),
            "parameters": _parameters(operation, language),
            "responses": _responses(operation, language),
        }
        if operation.form is not None or operation.body is not None:
            described_as["requestBody"] = _body(operation)
        paths.setdefault(operation.path, {})[operation.method] = described_as
    return paths


def _parameters(operation: Operation, language: Language) -> list[dict[str, Any]]:
    accept = {
        "name": "lang", "in": "query", "required": False, "schema": {"type": "string", "enum": ["fr", "en"]},
        "description": say("api.field.language", language),
    }  # fmt: skip
    number = {
        "name": "id", "in": "path", "required": True, "schema": {"type": "string"},
        "description": say("api.field.id", language),
    }  # fmt: skip
    return [number, accept] if "{id}" in operation.path else [accept]


def _responses(operation: Operation, language: Language) -> dict[str, Any]:
    every: dict[int, tuple[type[BaseModel], ...]] = {
        **operation.done, **dict.fromkeys((*operation.refused, *COMMON), (Problem,))
    }  # fmt: skip
    found: dict[str, Any] = {}
    for status in sorted(every):
        one = [{"$ref": PLACE.format(model=model.__name__)} for model in every[status]]
        found[str(status)] = {
            "description": say(f"api.status.{status}", language),
            "content": {"application/json": {"schema": one[0] if len(one) == 1 else {"oneOf": one}}},
        }
        if status in WITH_RETRY:
            found[str(status)]["headers"] = {
                "Retry-After": {"schema": {"type": "integer"}, "description": say("api.retry_after", language)}
            }
    return found


def _body(operation: Operation) -> dict[str, Any]:
    if operation.form is not None:
        schema = {"$ref": PLACE.format(model=operation.form.__name__)}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    schema = {"$ref": PLACE.format(model=UndoOrder.__name__)}
    return {"required": False, "content": {"application/json": {"schema": schema}}}


def _schemas(language: Language) -> dict[str, Any]:
    answered = [(model, "serialization") for model in (Loaded, Checked, Upload, Undone, Problem)]
    given = [(model, "validation") for model in (UploadForm, UndoOrder, Choices)]
    _, whole = models_json_schema([*answered, *given], ref_template=PLACE)
    schemas: dict[str, Any] = whole["$defs"]
    form = schemas[UploadForm.__name__]["properties"]
    form["choices"] |= {
        "contentMediaType": "application/json", "contentSchema": {"$ref": PLACE.format(model=Choices.__name__)},
    }  # fmt: skip
    form["file"] = {"type": "string", "contentMediaType": "application/octet-stream"}
    for schema in schemas.values():
        schema.pop("title", None)
        schema.pop("description", None)
        for name, field in schema.get("properties", {}).items():
            field.pop("title", None)
            if knows(f"api.field.{name}", language) and "$ref" not in field:
                field["description"] = say(f"api.field.{name}", language)
    return schemas


ROUTES = [Route("/api/openapi.json", openapi, methods=["GET"]), *uploads.ROUTES]
