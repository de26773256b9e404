"""What would break: a client generated from the documentation meets an answer it does not know."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from meridian.api import Tokens
from meridian.api.app import build_routes
from meridian.client.daemon import Daemon, daemon_command

TOKEN = "op-secret"
PATIENCE = 60
"""Seconds before a test gives up on a process; never a pace."""
DOCUMENTATION = schemathesis.openapi.from_dict(build_routes(None, Tokens()).openapi())
NOT_OURS = [
    # A schema cannot say that a password wants a username, or that a price is on its grid.
    schemathesis.checks.positive_data_acceptance,
    # What was wrong may be the token or the wait, which the test itself puts right.
    schemathesis.checks.negative_data_rejection,
]
OPERATIONS = {found.ok().label: found.ok() for found in DOCUMENTATION.get_all_operations()}


@pytest.fixture(scope="module")
def url():
    daemon = Daemon(daemon_command(None, False, ("--operator-token", TOKEN)))
    yield daemon.wait_ready(PATIENCE)["api"]["url"]
    daemon.stop()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_documented(url, label, mode):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def answers(case):
        # Commands that wait are true to their word, but there is no time for it here.
        for part in (case.query, case.body):
            if isinstance(part, dict):
                part.pop("wait", None)
                part.pop("timeout", None)
        response = case.call(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code != 500
        case.validate_response(response, excluded_checks=NOT_OURS)

    try:
        answers()
    except Unsatisfiable:
        pytest.skip("there is nothing in it that could be wrong")
