"""The first version of the API: its routers in one place, and its description."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from fatto.portal.api import comments, documents, problems, schemas, spaces, uploads, webhooks
from fatto.portal.api.auth import Bearer

_ERRORS = {
    401: "No valid token",
    403: "The token does not allow it",
    404: "Nothing that the token can see",
    409: "Not possible now",
    422: "Something is not valid",
    429: "Too many requests",
}


class Fatto(NinjaAPI):
    """An API whose operations are called as their functions, and whose errors are described as problems."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**options)
        described["components"].setdefault("schemas", {})["Problem"] = schemas.Problem.model_json_schema()
        content = {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                errors = dict(_ERRORS)
                if path.endswith("/uploads") and method == "post":
                    errors |= {411: "Length needed", 413: "Too large", 415: "Not supported"}
                if path.endswith("/original"):
                    operation["responses"][304] = {"description": "You have it already"}
                for status, meaning in errors.items():
                    operation["responses"][status] = {"description": meaning, "content": content}
                operation["responses"]["default"] = {"description": "Another trouble", "content": content}
        return described


api = Fatto(
    title="Fatto",
    version="1",
    description="Invoices of companies and their accounting firms. Errors are RFC 9457 problems.",
    urls_namespace="api-v1",
    openapi_url="/openapi.json",
    docs_url=None,  # such pages load their script from elsewhere, which our pages never do
    auth=Bearer(),
)
problems.install(api)
api.add_router("", spaces.router)
api.add_router("/documents", documents.router)
api.add_router("/documents", comments.router)
api.add_router("/uploads", uploads.router)
api.add_router("/webhooks", webhooks.router)
