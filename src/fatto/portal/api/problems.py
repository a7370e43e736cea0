"""What went wrong, for programs: RFC 9457 problems for every answer that is an error, whoever made it."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from fatto.portal.approvals.actions import SecondLook
from fatto.portal.documents.vault import Damaged
from fatto.portal.flow.issue import Faulty
from fatto.portal.programs.tokens import TooMany
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.rules import messages

MEDIA = "application/problem+json"
ROOT = "/api/v1/"
URN = "urn:fatto:problem:"

_REFUSALS = {
    "AddressRefused": "webhook-address",
    "AlreadyAnswered": "already-answered",
    "AlreadyBooked": "already-booked",
    "AlreadyMoved": "changed-meanwhile",
    "Asleep": "webhook-switched-off",
    "FirmCannotSee": "firm-cannot-see",
    "KeyReused": "idempotency-key-reused",
    "NoBox": "not-connected",
    "NotAsked": "not-asked",
    "NotForTheFirm": "not-for-the-firm",
    "NotIssued": "not-issued",
    "NoteMissing": "note-missing",
    "ReasonMissing": "reason-missing",
    "SentAlready": "sent-already",
    "SideMissing": "side-missing",
    "TextMissing": "text-missing",
    "TooLate": "left-already",
    "TooManyOfThem": "too-many",
    "Unsuitable": "unsuitable",
}
"""Refusals by class → what stands in `type`; others are `refused`."""
_STATUSES = {
    400: ("bad-request", "The request cannot be understood."),
    401: ("not-authenticated", "A valid token is needed: Authorization: Bearer …"),
    403: ("not-allowed", "The token does not allow this."),
    404: ("not-found", "There is nothing here that the token can see."),
    405: ("method-not-allowed", "This address does not know the method."),
    409: ("refused", "This is not possible now."),
    411: ("length-needed", "The request must say how long its body is."),
    413: ("too-large", "The file is too large."),
    415: ("not-supported", "This way of sending a file is not supported."),
    422: ("not-valid", "Something in the request is not valid."),
    429: ("too-many-requests", "The token was used too often. Wait, then go on."),
    500: ("error", "The portal failed; the fault has been recorded."),
    503: ("not-ready", "The portal is not ready. Try again in a moment."),
}


class Trouble(Exception):
    """An error that an endpoint answers with, as status, code and sentence."""

    def __init__(self, status: int, code: str = "", detail: str = "", **more: Any) -> None:
        self.status, self.code, self.detail, self.more = status, code, detail, more
        super().__init__(code or str(status))


def problem(status: int, code: str = "", detail: str = "", **more: Any) -> HttpResponse:
    """The answer itself. `more` are members of its own kind."""
    usual, sentence = _STATUSES.get(status, ("error", HTTPStatus(status).phrase))
    body = {
        "type": URN + (code or usual),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or sentence,
        **more,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), content_type=MEDIA, status=status)
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Fatto"'
    return response


def install(api: NinjaAPI) -> None:
    """Teach an API to answer with problems."""

    @api.exception_handler(Trouble)
    def _(request: HttpRequest, error: Trouble) -> HttpResponse:
        return problem(error.status, error.code, error.detail, **error.more)

    @api.exception_handler(ValidationError)
    def _(request: HttpRequest, error: ValidationError) -> HttpResponse:
        wrong = [
            {"where": ".".join(str(part) for part in each.get("loc", ())), "message": str(each.get("msg", ""))}
            for each in error.errors
        ]
        return problem(422, errors=wrong)

    @api.exception_handler(AuthenticationError)
    def _(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401)

    @api.exception_handler(TooMany)
    def _(request: HttpRequest, error: TooMany) -> HttpResponse:
        response = problem(429)
        response["Retry-After"] = str(error.seconds)
        return response

    @api.exception_handler(HttpError)
    def _(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code)

    @api.exception_handler(NotAllowed)
    def _(request: HttpRequest, error: NotAllowed) -> HttpResponse:
        return problem(403, permission=str(error.permission))

    @api.exception_handler(SecondLook)
    def _(request: HttpRequest, error: SecondLook) -> HttpResponse:
        return problem(error.status, "second-look", str(error.message), kinds=error.kinds)

    @api.exception_handler(Faulty)
    def _(request: HttpRequest, error: Faulty) -> HttpResponse:
        language = get_language() or "en"
        fatal = (each for each in error.verdict.findings if each.severity == "fatal")
        findings = [
            {"code": each.code, "path": each.path, "line": each.line, "message": messages.say(each, language).message}
            for each in islice(fatal, 50)
        ]
        return problem(error.status, "faulty", str(error.message), findings=findings)

    @api.exception_handler(Refusal)
    def _(request: HttpRequest, error: Refusal) -> HttpResponse:
        return problem(error.status, _REFUSALS.get(type(error).__name__, "refused"), str(error.message))

    @api.exception_handler(Http404)
    def _(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404)

    @api.exception_handler(ObjectDoesNotExist)
    def _(request: HttpRequest, error: ObjectDoesNotExist) -> HttpResponse:
        return problem(404)

    @api.exception_handler(Damaged)
    def _(request: HttpRequest, error: Damaged) -> HttpResponse:
        return problem(500, "damaged", "The stored file does not have the hash that it was stored under.")


class Problems:
    """Middleware: what Django itself answers below `/api/v1/` (405, an unknown address, a fault) is a problem too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith(ROOT):
            return response
        response.headers.setdefault("Cache-Control", "private, no-store")
        if response.status_code < 400:
            return response
        if response.headers.get("Content-Type", "").startswith(MEDIA) or (
            settings.DEBUG and response.status_code >= 500
        ):
            return response
        told = problem(response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                told[name] = response.headers[name]
        return told
