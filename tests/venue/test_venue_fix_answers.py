"""Whatever a client says, the door answers and the venue stands."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from venue_fix import FULL, NOW, NOW_TEXT, Desk, tagged

from meridian.fix.encoder import Header, encode
from meridian.fix.message import parse
from meridian.venue import ALL, Reply

VALUES = st.sampled_from(
    [
        "0",
        "1",
        "2",
        "7",
        "P",
        "R",
        "a",
        "6 G",
        "-1",
        "100",
        "1.5",
        "150.00",
        "AAPL",
        "a1",
        "a2",
        "NaN",
        NOW_TEXT,
        "1e9",
    ]
) | st.text(st.characters(min_codepoint=32, max_codepoint=255), min_size=1, max_size=12)
TAGS = st.sampled_from(
    sorted(
        {tag for text in FULL.values() for tag in tagged(text)} - {35}
        | {1, 18, 37, 59, 99, 110, 111, 126, 211, 388, 389, 432, 1094, 1138}
    )
)
CHANGES = st.dictionaries(TAGS, VALUES | st.none(), max_size=4)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(FULL)), CHANGES), max_size=4))
def test_no_field_of_a_client_makes_the_door_raise(messages):
    desk = Desk(features=ALL)
    desk.order("ALICE", "a1")
    for msg_type, changes in messages:
        wanted = tagged(FULL[msg_type]) | changes
        fields = [(tag, value) for tag, value in wanted.items() if value is not None and tag != 35]
        header = Header("FIX.4.4", msg_type, 7, "ALICE", "MERIDIAN", NOW)
        answer = desk.door.handle("ALICE", parse(encode(header, fields)), NOW)
        for reply in answer.replies:
            if isinstance(reply, Reply):
                parse(encode(Header("FIX.4.4", reply.msg_type, 1, "M", "ALICE", NOW), reply.fields))
        assert answer.replies or changes.get(263) == "2", "a client is left without an answer"
    desk.venue.book("AAPL").check_invariants()
