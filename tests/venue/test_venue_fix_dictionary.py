"""Every message the venue sends holds what the FIX.4.4 dictionary prescribes, and no more."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venue_fix import FULL, NOW, NOW_TEXT, Desk, fix, human, tagged

from meridian.fix.encoder import Header, encode
from meridian.fix.message import parse
from meridian.venue import MARKET_DATA_INTERVAL, Reply

MIN_PRICE_INCREMENT = 969
"""The one field from a later version; a tick size has no field in FIX.4.4."""

ORDER = f"55=AAPL|60={NOW_TEXT}"
CONVERSATION = [
    ("ALICE", f"35=D|11=a1|54=2|38=100|40=2|44=150.00|{ORDER}"),
    ("ALICE", f"35=D|11=a2|54=5|38=100|40=2|44=150.01|{ORDER}"),
    ("BOB", "35=V|262=m|263=1|264=0|265=0|267=3|269=0|269=1|269=2|146=1|55=AAPL"),
    ("BOB", f"35=D|11=b1|54=1|38=30|40=1|59=3|{ORDER}"),
    ("BOB", f"35=D|11=b2|54=1|38=900|40=2|44=150.00|59=4|{ORDER}"),
    ("BOB", f"35=D|11=b3|54=1|38=-1|40=2|44=150.00|{ORDER}"),
    ("BOB", f"35=D|11=b3|54=1|38=1|40=2|44=150.00|{ORDER}"),
    ("ALICE", f"35=G|11=a3|41=a1|54=2|38=90|40=2|44=149.00|{ORDER}"),
    ("ALICE", f"35=G|11=a4|41=a3|54=2|38=1|40=2|44=149.00|{ORDER}"),
    ("ALICE", "35=AF|584=s|585=7"),
    ("BOB", "35=AF|584=s|585=7"),
    ("ALICE", "35=H|11=a1|54=2|55=AAPL|790=q"),
    ("BOB", "35=H|11=b3|54=1|55=AAPL"),
    ("BOB", "35=H|11=ghost|54=1|55=AAPL"),
    ("ALICE", f"35=F|11=a5|41=a3|54=2|{ORDER}"),
    ("ALICE", f"35=F|11=a6|41=a3|54=2|{ORDER}"),
    ("ALICE", f"35=F|11=a7|41=ghost|54=2|{ORDER}"),
    ("BOB", "35=V|262=m|263=1|264=0|265=0|267=1|269=0|146=1|55=AAPL"),
    ("BOB", "35=V|262=n|263=0|264=0|267=1|269=0|146=1|55=EURUSD"),
    ("BOB", "35=x|320=r|559=4"),
    ("BOB", "35=R|131=q|146=1|55=AAPL"),
]


class Dictionary:
    """The FIX.4.4 dictionary: fields a message may and must have, and the values of fields."""

    def __init__(self, path) -> None:
        root = ElementTree.parse(path).getroot()
        self._components = {c.get("name"): c for c in root.find("components")}
        self._numbers = {f.get("name"): int(f.get("number")) for f in root.find("fields")}
        self.values = {
            int(f.get("number")): {v.get("enum") for v in f} for f in root.find("fields") if len(f)
        }
        self._messages = {m.get("msgtype"): m for m in root.find("messages")}

    @cache  # noqa: B019 - one dictionary lives for the whole session
    def fields(self, msg_type: str) -> tuple[frozenset[int], frozenset[int]]:
        """(allowed, required) of a message's body."""
        allowed, required = set(), set()

        def walk(node, needed: bool) -> None:
            for child in node:
                must = needed and child.get("required") == "Y"
                if child.tag == "component":
                    walk(self._components[child.get("name")], must)
                    continue
                number = self._numbers[child.get("name")]
                allowed.add(number)
                if must:
                    required.add(number)
                if child.tag == "group":
                    walk(child, False)

        walk(self._messages[msg_type], True)
        return frozenset(allowed), frozenset(required)


@pytest.fixture(scope="module")
def dictionary(shared):
    return Dictionary(shared / "data" / "fix-dictionaries" / "FIX44.xml")


def replies():
    desk = Desk()
    for session, text in CONVERSATION:
        answer = desk.door.handle(session, fix(text), NOW)
        desk.market_data.observe(answer.events)
        yield from answer.replies
        yield from desk.door.market_data(NOW + MARKET_DATA_INTERVAL)


def test_the_conversation_has_every_message_the_venue_sends():
    assert {r.msg_type for r in replies()} == {"8", "9", "j", "W", "Y", "y"}
    kinds = {dict(r.fields)[150] for r in replies() if r.msg_type == "8"}
    assert kinds == {"0", "4", "5", "8", "F", "I"}


def test_fields_are_those_of_the_dictionary(dictionary):
    for reply in replies():
        allowed, required = dictionary.fields(reply.msg_type)
        tags = {tag for tag, _ in reply.fields}
        said = f"35={reply.msg_type}|{human(reply.fields)}"
        assert tags - allowed <= {MIN_PRICE_INCREMENT}, said
        assert required <= tags, f"{sorted(required - tags)} missing in {said}"
        for tag, value in reply.fields:
            assert tag not in dictionary.values or str(value) in dictionary.values[tag], said


def test_outside_of_groups_no_tag_comes_twice():
    for reply in replies():
        if reply.msg_type not in ("W", "y"):
            tags = [tag for tag, _ in reply.fields]
            assert len(set(tags)) == len(tags), human(reply.fields)


VALUES = st.sampled_from(
    ["0", "1", "2", "7", "-1", "100", "1.5", "150.00", "AAPL", "a1", "a2", "NaN", NOW_TEXT, "1e9"]
) | st.text(st.characters(min_codepoint=32, max_codepoint=255), min_size=1, max_size=12)
TAGS = st.sampled_from(
    sorted({tag for text in FULL.values() for tag in tagged(text)} - {35} | {37, 59})
)
CHANGES = st.dictionaries(TAGS, VALUES | st.none(), max_size=4)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(FULL)), CHANGES), max_size=4))
def test_no_field_of_a_client_makes_the_door_raise(messages):
    desk = Desk()
    desk.order("ALICE", "a1")
    for msg_type, changes in messages:
        wanted = tagged(FULL[msg_type]) | changes
        fields = [(tag, value) for tag, value in wanted.items() if value is not None and tag != 35]
        header = Header("FIX.4.4", msg_type, 7, "ALICE", "MERIDIAN", NOW)
        answer = desk.door.handle("ALICE", parse(encode(header, fields)), NOW)
        for reply in answer.replies:
            if isinstance(reply, Reply):
                encode(Header("FIX.4.4", reply.msg_type, 1, "M", "ALICE", NOW), reply.fields)
        assert answer.replies or changes.get(263) == "2", "a client is left without an answer"
    desk.venue.book("AAPL").check_invariants()
