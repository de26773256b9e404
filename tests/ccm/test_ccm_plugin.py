"""``CCMPlugin`` as its author meets it: the reference page's class, on a recording host."""

from datetime import datetime

import pytest

from meridian.ccm import CCMPlugin, TradeIdScope
from meridian.schema import CancelAck, FillEvent, OrderAck, SessionStatus
from meridian.schema.errors import SessionClosed, SessionDegradedError


class Session:
    """What a broker's library might look like."""

    id = "S1"
    is_connected = True

    def logon(self):
        return None


class MyBrokerCCM(CCMPlugin):
    vendor_name = "my-broker"
    venue = "XNYS"

    def connect(self, credentials):
        self.session = Session()
        self.session.on_disconnect = self._handle_disconnect
        self.session.logon()
        self.publish_session_status(session_id=self.session.id, status="CONNECTED", venue="XNYS")

    def _handle_disconnect(self, reason):
        self.publish_session_status(status="RECONNECTING", venue=self.venue)

    def submit_order(self, order):
        if not self.session.is_connected:
            raise SessionDegradedError("Cannot submit while reconnecting")
        return OrderAck(venue_order_id="V1", accepted=True)

    def cancel_order(self, order_id):
        return CancelAck(accepted=True)


class Recording:
    """A host that keeps what it is told."""

    def __init__(self):
        self.told = []

    def publish_fill(self, fill):
        self.told.append(fill)

    def publish_session_status(self, update):
        self.told.append(update)


def attached(plugin):
    host = Recording()
    plugin.attach(host)
    return host


def test_names_follow_the_class_unless_given():
    plain = MyBrokerCCM()
    assert (plain.name, plain.instance_id, plain.venue) == ("my-broker", "ccm-my-broker", "XNYS")
    named = CCMPlugin("test", instance_id="test-ccm", venue="XTST")
    assert (named.name, named.instance_id, named.venue) == ("test", "test-ccm", "XTST")
    assert named.trade_id_scope is TradeIdScope.VENUE


def test_capabilities_are_the_handlers_written():
    plugin = MyBrokerCCM()
    written = ("connect", "submit_order", "cancel_order")
    missing = ("modify_order", "batch_cancel", "query_order", "list_instruments")
    assert all(plugin.supports(handler) for handler in written)
    assert not any(plugin.supports(handler) for handler in missing)


def test_a_handler_that_wants_the_request_id_is_recognised():
    class Wanting(CCMPlugin):
        async def cancel_order(self, order_id, *, request_id=""):
            return True

    assert Wanting().names("cancel_order", "request_id")
    assert not MyBrokerCCM().names("cancel_order", "request_id")


def test_session_status_is_told_with_and_without_a_session_id():
    plugin = MyBrokerCCM()
    host = attached(plugin)
    plugin.connect({})
    plugin._handle_disconnect("gone")
    assert [(update.session_id, update.status) for update in host.told] == [
        ("S1", SessionStatus.CONNECTED),
        ("ccm-my-broker", SessionStatus.RECONNECTING),
    ]
    with pytest.raises(ValueError, match="ONLINE"):
        plugin.publish_session_status("ONLINE")


def test_the_reference_pages_fill_is_taken_as_written():
    plugin = MyBrokerCCM()
    host = attached(plugin)
    plugin.publish_fill(
        FillEvent(
            trade_id="NYSE-2026032700142857",
            order_id="O1",
            side="Buy",
            price=150.12,
            quantity=500,
            venue="XNYS",
            ts_event=datetime(2026, 3, 27, 14, 28, 57),  # noqa: DTZ001 - naive means UTC
            ts_init=datetime(2026, 3, 27, 14, 28, 58),  # noqa: DTZ001
        )
    )
    (fill,) = host.told
    assert (fill.side, str(fill.price)) == ("BUY", "150.12")
    assert fill.ts_init - fill.ts_event == 1_000_000_000


def test_a_plugin_without_a_sidecar_says_so():
    with pytest.raises(SessionClosed, match="ccm-my-broker is not attached"):
        MyBrokerCCM().publish_session_status("CONNECTED")
