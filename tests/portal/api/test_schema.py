"""The description of the API, tried out: what fits it and what does not gets an answer that it promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.portal import papers
from tests.portal.api.conftest import issue
from tests.portal.world import World

from fatto.portal.api import uploads

CHECKS: list[Any] = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
CAREFUL = settings(
    max_examples=10,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The application runs in this thread: it must leave the test's transaction open, as Django's own client does."""
    around = (signals.request_started, signals.request_finished)
    for each in around:
        each.disconnect(close_old_connections)
    yield
    for each in around:
        each.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("side", ["company", "firm"])
def test_whatever_is_asked_gets_an_answer_that_was_promised(world: World, side: str, mode: GenerationMode, monkeypatch):
    monkeypatch.setattr(uploads, "_finished", lambda who, delivery, seconds: uploads._again(who, delivery.pk))
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa())
    headers = {"Authorization": f"Bearer {issue(maria if side == 'company' else world.at_firm('anna', 'bianchi'))}"}
    known = {"pk": world.document(maria).pk}
    description = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    tried, answers = 0, Counter[int]()
    for found in description.get_all_operations():
        operation = found.ok()
        paths = [None]
        if "{pk}" in operation.path and operation.path.startswith("/api/v1/documents") and mode.is_positive:
            paths.append(known)
        for path in paths:

            @CAREFUL
            @given(case=operation.as_strategy(mode, path_parameters=path))
            def attempt(case: schemathesis.Case) -> None:
                answer = case.call(headers=headers)
                answers[answer.status_code] += 1
                case.validate_response(answer, checks=CHECKS)

            attempt()
            tried += 1
    assert tried > 15
    if mode.is_positive:
        assert not answers[401] + answers[429], "the token must open, or nothing was tried"
        assert answers[200] > 40
    else:
        assert answers[422] > 40  # what is mangled may be the token itself
