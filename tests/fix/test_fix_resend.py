"""Our side of a resend: orders are never replayed stale, reports are never lost."""

from __future__ import annotations

import pytest
from fix_wire import START, Desk

from meridian.fix import MemoryMessageStore, outbound, parse
from meridian.fix import store as fix_store
from meridian.fix.store import MAX_STORED


def report(desk, name):
    return desk.session.send("8", [(37, name)], desk.now)


def test_reports_are_resent_as_duplicates_and_admin_messages_gap_filled():
    desk = Desk().logged_on()
    report(desk, "a")
    desk.says("35=1|34=2|112=x")
    report(desk, "b")
    desk.hears()
    first = "122=20231114-22:13:20.000"
    desk.now += 5_000_000_000
    assert desk.says("35=2|34=3|7=1|16=0") == [
        "35=4|34=1|43=Y|122=20231114-22:13:25.000|36=2|123=Y",
        f"35=8|34=2|43=Y|{first}|37=a",
        "35=4|34=3|43=Y|122=20231114-22:13:25.000|36=4|123=Y",
        f"35=8|34=4|43=Y|{first}|37=b",
    ]
    # Nothing of a resend takes a new number.
    assert report(desk, "c") == 5


def test_the_body_is_resent_byte_for_byte():
    desk = Desk().logged_on()
    desk.session.send("8", [(38, "002000.00"), (58, "caf\xe9"), (37, "x"), (49000, "q")], desk.now)
    desk.hears()
    assert desk.says("35=2|34=2|7=2|16=2") == [
        "35=8|34=2|43=Y|122=20231114-22:13:20.000|38=002000.00|58=caf\xe9|37=x|49000=q"
    ]


@pytest.mark.parametrize(("end", "last"), [("3", 3), ("0", 4), ("999999", 4), ("77", 4)])
def test_a_request_ends_where_it_says_or_at_the_last_message(end, last):
    desk = Desk().logged_on()
    for name in "abc":
        report(desk, name)
    desk.hears()
    sent = [text.split("|")[1] for text in desk.says(f"35=2|34=2|7=2|16={end}")]
    assert sent == [f"34={seq}" for seq in range(2, last + 1)]


def test_a_request_beyond_the_last_message_is_answered_with_nothing():
    desk = Desk().logged_on()
    assert desk.says("35=2|34=2|7=9|16=0") == []
    assert desk.session.logged_on


def test_stale_orders_are_gap_filled_never_replayed():
    desk = Desk(initiator=True, gap_fill_types=frozenset("DFG"))
    desk.session.connected(START)
    desk.says("35=A|34=1|98=0|108=30")
    for kind in "DFGH":
        desk.session.send(kind, [(11, kind)], desk.now)
    desk.hears()
    stamp = "122=20231114-22:13:20.000"
    assert desk.says("35=2|34=2|7=1|16=0") == [
        f"35=4|34=1|43=Y|{stamp}|36=5|123=Y",
        f"35=8|34=5|43=Y|{stamp}|11=H".replace("35=8", "35=H"),
    ]


def test_reports_made_while_the_peer_is_away_come_with_the_next_logon():
    desk = Desk().logged_on()
    desk.session.receive_eof(desk.now)
    assert [report(desk, name) for name in "ab"] == [2, 3]
    assert desk.hears() == []
    desk.session.connected(desk.now)
    assert desk.says("35=A|34=2|98=0|108=30") == ["35=A|34=4|98=0|108=30"]
    answers = desk.says("35=2|34=3|7=2|16=0")
    assert [text.split("|")[-1] for text in answers] == ["37=a", "37=b", "123=Y"]


def test_what_was_written_into_a_dying_connection_is_resent():
    desk = Desk().logged_on()
    report(desk, "lost")
    desk.reconnects()
    assert desk.hears() == []
    desk.says("35=A|34=2|98=0|108=30")
    assert desk.says("35=2|34=3|7=2|16=0")[0].endswith("37=lost")


def test_a_long_resend_comes_in_batches_and_new_messages_come_after_it(monkeypatch):
    monkeypatch.setattr(outbound, "RESEND_BATCH", 10)
    desk = Desk().logged_on()
    for number in range(35):
        report(desk, number)
    desk.hears()
    desk.session.receive_data(desk.wire("35=2|34=2|7=2|16=0"), desk.now)
    assert desk.session.data_to_send().count(b"\x0135=8\x01") == 10
    report(desk, "late")
    desk.session.receive_data(desk.wire("35=1|34=3|112=x"), desk.now)
    rest = desk.hears()
    numbers = [text.split("|")[1] for text in rest]
    assert numbers == [f"34={seq}" for seq in range(12, 39)]
    assert rest[-2:] == ["35=8|34=37|37=late", "35=0|34=38|112=x"]


def test_a_new_order_waits_for_a_resend_and_is_neither_gap_filled_nor_sent_twice():
    desk = Desk(initiator=True, gap_fill_types=frozenset("D"))
    desk.session.connected(START)
    desk.says("35=A|34=1|98=0|108=30")
    desk.session.send("D", [(11, "stale")], desk.now)
    desk.hears()
    desk.session.receive_data(desk.wire("35=2|34=2|7=1|16=0"), desk.now)
    desk.session.send("D", [(11, "fresh")], desk.now)
    desk.session.receive_data(desk.wire("35=2|34=3|7=1|16=0"), desk.now)
    stamp = "122=20231114-22:13:20.000"
    assert desk.hears() == [f"35=4|34=1|43=Y|{stamp}|36=3|123=Y", "35=D|34=3|11=fresh"]


def test_a_resend_request_above_a_gap_is_answered_and_its_number_counted_later():
    desk = Desk().logged_on()
    report(desk, "a")
    desk.hears()
    answers = desk.says("35=2|34=3|7=2|16=0")
    assert [text.split("|")[0] for text in answers] == ["35=8", "35=2"]
    desk.says("35=0|34=2|43=Y|122=<now>")
    assert desk.says("35=1|34=4|112=y") == ["35=0|34=4|112=y"]


def test_a_logout_does_not_wait_for_a_resend(monkeypatch):
    monkeypatch.setattr(outbound, "RESEND_BATCH", 1)
    desk = Desk().logged_on()
    for name in "abc":
        report(desk, name)
    desk.hears()
    desk.session.receive_data(desk.wire("35=2|34=2|7=2|16=0"), desk.now)
    assert desk.session.data_to_send().count(b"37=a") == 1
    desk.session.logout("", desk.now)
    assert desk.hears() == ["35=5|34=5"]


def test_batches_of_nothing_but_admin_messages_are_one_gap_fill(monkeypatch):
    monkeypatch.setattr(outbound, "RESEND_BATCH", 2)
    desk = Desk().logged_on()
    desk.says(*(f"35=1|34={seq}|112=x" for seq in range(2, 9)))
    stamp = "122=20231114-22:13:20.000"
    assert desk.says("35=2|34=9|7=1|16=0") == [f"35=4|34=1|43=Y|{stamp}|36=9|123=Y"]


def test_a_second_request_during_a_resend_is_answered_too(monkeypatch):
    monkeypatch.setattr(outbound, "RESEND_BATCH", 1)
    desk = Desk().logged_on()
    for name in "abcd":
        report(desk, name)
    desk.hears()
    desk.session.receive_data(desk.wire("35=2|34=2|7=2|16=4"), desk.now)
    desk.session.data_to_send()
    numbers = [text.split("|")[1] for text in desk.says("35=2|34=3|7=2|16=5")]
    assert numbers == ["34=2", "34=3", "34=4", "34=5"]


def test_what_a_bounded_store_has_forgotten_is_gap_filled():
    desk = Desk(store=MemoryMessageStore(limit=2)).logged_on()
    for name in "abc":
        report(desk, name)
    desk.hears()
    answers = desk.says("35=2|34=2|7=1|16=0")
    assert answers[0].endswith("36=3|123=Y")
    assert [text.split("|")[-1] for text in answers[1:]] == ["37=b", "37=c"]


def test_the_memory_store_is_bounded():
    store = MemoryMessageStore()
    for seq in range(1, MAX_STORED + 3):
        store.append(seq, b"x")
    assert len(store.messages(1, MAX_STORED + 2)) == MAX_STORED
    with pytest.raises(ValueError, match=f"expected to append message {MAX_STORED + 3}, got 1"):
        store.append(1, b"x")


def test_the_memory_store_is_bounded_in_bytes_too(monkeypatch):
    monkeypatch.setattr(fix_store, "MAX_STORED_BYTES", 10)
    store = MemoryMessageStore()
    for seq, raw in enumerate((b"aaaa", b"bbbb", b"", b"cc", b"ddd"), start=1):
        store.append(seq, raw)
    assert store.messages(1, 9) == [(2, b"bbbb"), (4, b"cc"), (5, b"ddd")]
    store.append(6, b"x" * 11)
    assert store.messages(1, 9) == []
    store.append(7, b"x" * 10)
    assert store.messages(1, 9) == [(7, b"x" * 10)]


def test_what_is_never_resent_is_not_kept():
    desk = Desk(gap_fill_types=frozenset("W")).logged_on()
    desk.session.send("W", [(55, "AAPL")], desk.now)
    report(desk, "a")
    assert [seq for seq, _ in desk.store.messages(1, 9)] == [3]


def test_a_password_is_not_kept():
    desk = Desk(initiator=True, username="u", password="secret")
    desk.session.connected(START)
    assert "554=secret" in desk.hears()[0]
    assert desk.store.messages(1, 9) == []
    assert desk.store.next_out == 2


def test_a_message_that_cannot_be_encoded_takes_no_number():
    desk = Desk().logged_on()
    with pytest.raises(ValueError, match="tag 58"):
        desk.session.send("8", [(58, "a\x01b")], desk.now)
    with pytest.raises(ValueError, match="35=0 belongs to the session"):
        desk.session.send("0", [], desk.now)
    assert report(desk, "a") == 2


def test_the_application_can_reject_what_it_cannot_read():
    desk = Desk().logged_on()
    desk.says("35=D|34=2|11=a")
    (event,) = desk.session.events()
    desk.session.reject(event.message, 1, 55, "Required tag missing", desk.now)
    desk.session.reject(event.message, 5, None, "no", desk.now)
    assert desk.hears() == [
        "35=3|34=2|45=2|58=Required tag missing|371=55|372=D|373=1",
        "35=3|34=3|45=2|58=no|372=D|373=5",
    ]


def test_kept_messages_read_back():
    desk = Desk().logged_on()
    report(desk, "a")
    ((seq, raw),) = desk.store.messages(1, 9)
    assert (seq, parse(raw).get(37)) == (2, "a")


class Counting(MemoryMessageStore):
    """Notes what it was asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def messages(self, begin, end, limit=None):
        self.asked.append((begin, end, limit))
        return super().messages(begin, end, limit)


def test_ten_million_numbers_without_a_message_cost_one_look_and_one_gap_fill():
    store = Counting()
    store.set_next_out(10_000_000)
    desk = Desk(store=store).logged_on()
    report(desk, "a")
    desk.hears()
    answers = desk.says("35=2|34=2|7=1|16=0")
    assert [text.split("|")[-2:] for text in answers] == [
        ["36=10000001", "123=Y"],
        ["122=20231114-22:13:20.000", "37=a"],
    ]
    assert store.asked == [(1, 10_000_001, outbound.RESEND_BATCH)]


def test_a_storm_of_requests_is_answered_once():
    store = Counting()
    desk = Desk(store=store).logged_on()
    for name in "abc":
        report(desk, name)
    desk.hears()
    answers = desk.says(*(f"35=2|34={seq}|7=2|16=0" for seq in range(2, 502)))
    assert [text.split("|")[1] for text in answers] == ["34=2", "34=3", "34=4"]
    assert len(store.asked) == 1


def test_what_was_kept_and_is_not_to_be_resent_any_more_is_passed_over(monkeypatch):
    monkeypatch.setattr(outbound, "RESEND_BATCH", 2)
    before = Desk().logged_on()
    for name in "abcde":
        report(before, name)
    desk = Desk(store=before.store, gap_fill_types=frozenset("8"))
    desk.session.connected(desk.now)
    desk.says("35=A|34=1|98=0|108=30")
    assert [text.split("|")[-2:] for text in desk.says("35=2|34=2|7=1|16=0")] == [["36=8", "123=Y"]]
