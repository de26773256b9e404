"""Status, backoff and credentials: what keeps a broken link from doing harm."""

import copy
import json
import pickle
import random
import traceback

import pytest

from meridian.ccm import Backoff, Credentials, CredentialsExpired, LinkEvent, StatusMachine
from meridian.ccm.status import TRANSITIONS
from meridian.schema import SessionStatus
from meridian.schema.times import NS_PER_SECOND

SECRETS = {"host": "h.example", "port": 9876, "username": "carol", "password": "hunter2"}


# --- status ---------------------------------------------------------------------------------


def test_a_session_goes_the_documented_way():
    machine = StatusMachine()
    path = []
    for event in (
        LinkEvent.UP,
        LinkEvent.RECONCILED,
        LinkEvent.LOST,
        LinkEvent.LOST,
        LinkEvent.UP,
        LinkEvent.RECONCILED,
        LinkEvent.CLOSED,
    ):
        if machine.apply(event):
            path.append(machine.status)
    assert path == [
        "DEGRADED",
        "CONNECTED",
        "RECONNECTING",
        "DEGRADED",
        "CONNECTED",
        "DISCONNECTED",
    ]


def test_orders_are_never_taken_before_reconciliation():
    sources = {status for (status, _), target in TRANSITIONS.items() if target == "CONNECTED"}
    assert sources == {SessionStatus.DEGRADED}
    machine = StatusMachine()
    machine.apply(LinkEvent.RECONCILED)
    assert machine.status is SessionStatus.DISCONNECTED
    machine.apply(LinkEvent.UP)
    assert machine.link_up
    assert not machine.takes_orders


def test_every_status_can_be_closed_and_every_link_can_be_lost():
    for status in SessionStatus:
        for event, target in (
            (LinkEvent.CLOSED, SessionStatus.DISCONNECTED),
            (LinkEvent.LOST, SessionStatus.RECONNECTING),
        ):
            machine = StatusMachine()
            machine.status = status
            machine.apply(event)
            assert machine.status is target


# --- backoff --------------------------------------------------------------------------------


class Longest:
    """Dice that always fall on the largest number."""

    def randrange(self, stop):
        return stop - 1


def test_delays_double_from_one_second_to_sixty():
    backoff = Backoff(Longest())
    seconds = [backoff.next_delay() // NS_PER_SECOND for _ in range(9)]
    assert seconds == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_success_starts_over():
    backoff = Backoff(Longest(), base=10, cap=1000)
    backoff.next_delay()
    backoff.next_delay()
    backoff.reset()
    assert backoff.next_delay() == 10


def test_jitter_uses_the_whole_range_so_that_clients_do_not_come_back_together():
    backoff = Backoff(random.Random(1), base=1000, cap=1000)
    delays = [backoff.next_delay() for _ in range(500)]
    assert min(delays) < 100
    assert max(delays) > 900
    assert all(0 <= delay <= 1000 for delay in delays)


@pytest.mark.parametrize(("base", "cap"), [(0, 1), (2, 1), (-1, 1)])
def test_a_backoff_that_cannot_work_is_refused(base, cap):
    with pytest.raises(ValueError, match="0 < base <= cap"):
        Backoff(Longest(), base, cap)


# --- credentials ----------------------------------------------------------------------------


def test_credentials_read_like_the_mapping_given_and_cannot_be_written():
    credentials = Credentials(SECRETS)
    assert dict(credentials) == SECRETS
    assert credentials.get("sender") is None
    with pytest.raises(KeyError):
        credentials["sender"]
    with pytest.raises(TypeError):
        credentials["password"] = "x"


def test_no_way_of_writing_credentials_down_shows_a_value():
    credentials = Credentials(SECRETS)
    shown = "".join(
        (
            repr(credentials),
            str(credentials),
            f"{credentials}",
            f"{[credentials]!r}",
            repr(pickle.dumps(credentials)),
            repr(copy.copy(credentials)),
            repr(copy.deepcopy(credentials)),
            json.dumps(credentials, default=repr),
        )
    )
    assert "hunter2" not in shown
    assert "carol" not in shown
    assert "password=[redacted]" in shown


def test_a_copy_knows_the_names_alone():
    for other in (
        pickle.loads(pickle.dumps(Credentials(SECRETS))),
        copy.deepcopy(Credentials(SECRETS)),
    ):
        assert list(other) == list(SECRETS)
        with pytest.raises(CredentialsExpired):
            other["password"]


def test_after_connect_nothing_can_be_read():
    credentials = Credentials(SECRETS)
    credentials.wipe()
    with pytest.raises(CredentialsExpired, match="'password' is readable only while connect"):
        credentials["password"]
    with pytest.raises(CredentialsExpired):
        dict(credentials)


def test_an_error_that_quotes_a_secret_is_scrubbed():
    credentials = Credentials(SECRETS)
    try:
        raise ConnectionError(f"{dict(credentials)} refused by h.example:9876")
    except ConnectionError:
        text = credentials.scrub(traceback.format_exc())
    assert "hunter2" not in text
    assert "carol" not in text
    assert "h.example:9876" in text
    credentials.wipe()
    assert credentials.scrub("hunter2") == "hunter2"
