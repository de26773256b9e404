"""Random play on sessions of every version and setting: nothing raises, numbers stay sane."""

from __future__ import annotations

from datetime import time

from fix_echo import validators
from fix_wire import SECOND, Desk
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import MemoryMessageStore, State
from meridian.fix.profile import FIXT, PROFILES
from meridian.fix.schedule import Schedule

EVENING = Schedule(time(20), time(23))
NUMBERS = (0, 1, 2, 3, 4, 9, 10**17)
SAID = [
    f"35={kind}|34={seq}{rest}"
    for seq in NUMBERS
    for kind, rest in [
        ("0", ""),
        ("0", "|112=x|112=y"),
        ("1", "|112=x"),
        ("2", "|7=1|16=0"),
        ("2", "|7=2|16=999999"),
        ("3", "|45=1"),
        ("4", "|36=4|123=Y"),
        ("4", "|43=Y|122=<now>|36=9|123=Y"),
        ("4", "|36=6"),
        ("4", "|36=x"),
        ("5", "|58=bye"),
        ("A", "|98=0|108=30|1137=9"),
        ("A", "|98=0|108=30|141=Y|1137=9"),
        ("A", "|98=0|108=30|789=1|1137=9"),
        ("A", "|98=0|108=30|789=7|464=Y|1137=7"),
        ("A", "|98=x|108=|1137=x"),
        ("B", "|148=x|33=1|58=x"),
        ("D", "|11=a"),
        ("D", "|97=Y|115=FUND|1128=7|11=a"),
        ("D", "|43=Y|122=<now>|128=NOBODY|11=a"),
        ("j", "|372=D|380=4"),
    ]
]
DONE = ("send", "logout", "reset", "reset_sequence", "unsupported", "numbers", "cut")
STEPS = st.one_of(
    st.sampled_from(SAID), st.sampled_from(DONE), st.sampled_from([1, 15, 40, 4_000, 90_000])
)


class Counted(MemoryMessageStore):
    """Counts how often the numbers started over."""

    def __init__(self):
        super().__init__()
        self.resets = 0

    def reset(self, now):
        super().reset(now)
        self.resets += 1


def settings_of(version, flags):
    settings = {"begin_string": version, "default_appl_ver_id": "9" if version == FIXT else None}
    if flags & 1:
        settings |= validators(version, "9" if version == FIXT else "")
    if flags & 2:
        settings |= {"next_expected": True, "last_processed": True}
    if flags & 4:
        settings |= {"resend_request_chunk_size": 2, "reset_on_disconnect": True}
    if flags & 8:
        settings |= {"schedule": EVENING, "on_behalf_of": frozenset({"DESK"})}
    if flags & 16:
        settings |= {"reset_on_logon": True, "check_comp_ids": False}
    if flags & 32 and version == FIXT:
        settings["appl_validators"] = {"9": settings.get("validator")}
    return settings


def act(desk, what, last):
    session, now = desk.session, desk.now
    active = session.state is State.ACTIVE
    match what:
        case "send":
            session.send("8", [(37, "x")], now, [(128, "FUND")])
        case "logout":
            session.logout("enough", now)
        case "reset" if session.state is State.DISCONNECTED or (
            active and session.config.profile.reset_flag
        ):
            session.reset(now)
        case "reset_sequence" if active:
            session.reset_sequence(session.next_numbers[0] + 3, now)
        case "unsupported" if last is not None:
            session.unsupported(last, now)
        case "numbers" if session.state is State.DISCONNECTED:
            session.set_numbers(next_out=session.next_numbers[0] + 1, next_in=5)
        case "cut":
            session.receive_eof(now)


@given(
    version=st.sampled_from(sorted(PROFILES)),
    initiator=st.booleans(),
    flags=st.integers(0, 63),
    steps=st.lists(STEPS, max_size=25),
)
def test_nothing_raises_and_no_number_is_used_twice(version, initiator, flags, steps):
    store = Counted()
    desk = Desk(initiator=initiator, store=store, **settings_of(version, flags))
    desk.session.connected(desk.now)
    last, sent, resets = None, set(), store.resets
    for step in steps:
        if isinstance(step, int):
            desk.now += step * SECOND
            desk.session.poll(desk.now)
        elif step in DONE:
            act(desk, step, last)
        else:
            desk.session.receive_data(desk.wire(step), desk.now)
        heard = [text.split("|") for text in desk.hears()]
        if store.resets != resets:
            sent, resets, heard = set(), store.resets, []
        for fields in heard:
            if "43=Y" not in fields:
                assert fields[1] not in sent, (fields, sent)
                sent.add(fields[1])
                assert int(fields[1].removeprefix("34=")) < store.next_out
        for event in desk.session.events():
            last = getattr(event, "message", last)
        desk.session.commit()
        # A reset that is being agreed on counts in the store first.
        assert 1 <= store.next_in <= desk.session.next_numbers[1]
        if desk.session.close_expected:
            desk.session.receive_eof(desk.now)
        if desk.session.state is State.DISCONNECTED and step != "numbers":
            desk.session.connected(desk.now)
