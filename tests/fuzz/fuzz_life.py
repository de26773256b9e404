"""One life of a session: plausible and spoiled input, time, cuts, an application that talks back.

A life is replayed by its dice alone. What must hold is asserted as it goes: no exception, bounded
work, and all that the session says is well framed, unless faults are armed.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random

from fuzz_words import BODIES, framed, spoiled_bytes, spoiled_fields

from meridian.fix import (
    Direction,
    Fault,
    FaultKind,
    Faults,
    FieldError,
    MemoryMessageStore,
    MessageReceived,
    Session,
    SessionConfig,
)
from meridian.fix.acceptor import Admission
from meridian.fix.dictionary import combine, standard
from meridian.fix.directory import SessionDirectory
from meridian.fix.message import decode
from meridian.fix.timestamps import timestamp
from meridian.fix.validator import Validator
from meridian.fix.verdicts import MESSAGE

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
INPUTS = 40
"""Inputs of a life."""
MAX_DRAINS = 5_000
"""Calls of ``data_to_send`` after one input; a session that needs more does not come to an end."""
VERSIONS = ("FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1")
READ_TAGS = (11, 34, 38, 44, 52, 54, 60, 96, 122, 448)

_DICTIONARIES = {version: standard(version) for version in VERSIONS[:-1]}
_DICTIONARIES["FIXT.1.1"] = combine(standard("FIXT.1.1"), standard("FIX.5.0SP2"))
_VALIDATORS = {version: Validator(dictionary) for version, dictionary in _DICTIONARIES.items()}


class Life:
    """A session and the dice that play all around it."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.begin = dice.choice(VERSIONS)
        fixt = self.begin == "FIXT.1.1"
        self.initiator = dice.random() < 0.5
        config = SessionConfig(
            "US",
            "PEER",
            self.initiator,
            begin_string=self.begin,
            heart_bt_int=dice.choice((0, 1, 30)),
            reset_on_logon=dice.random() < 0.3,
            reset_on_disconnect=dice.random() < 0.2,
            default_appl_ver_id="9" if fixt else None,
            next_expected=self.begin == "FIX.4.4" and dice.random() < 0.3,
            last_processed=dice.random() < 0.2,
            resend_request_chunk_size=dice.choice((0, 0, 3)),
            validator=dice.choice((None, _VALIDATORS[self.begin])),
        )
        self.session = Session(config, MemoryMessageStore(limit=200))
        if dice.random() < 0.1:
            self.session.faults = self._faults()
        self.directory = SessionDirectory({"PEER": self.session})
        self.admission: Admission | None = None
        self.connected = False
        self.now = START
        self.seq = 1

    def live(self) -> int:
        """All of it; returns the number of inputs."""
        for _ in range(INPUTS):
            if not self.connected:
                self._connect()
            self._step()
        return INPUTS

    def _faults(self) -> Faults:
        faults = Faults(self.dice)
        for kind in FaultKind:
            for direction in Direction:
                with suppress(ValueError):
                    faults.arm(Fault(f"{kind} {direction}", kind, direction, per_mille=10))
        return faults

    def _step(self) -> None:
        dice = self.dice
        data = self._data()
        while data:
            size = len(data) if dice.random() < 0.8 else dice.randrange(1, len(data) + 1)
            self._receive(data[:size])
            data = data[size:]
        roll = dice.random()
        if roll < 0.1:
            self.now += dice.randrange(40) * SECOND
            self._receive(None)
        elif roll < 0.2 and self.session.logged_on:
            self.session.send("8", [(37, "o"), (17, "e")], self.now)
        elif roll < 0.22:
            self.session.logout("", self.now)
        elif roll < 0.24:
            self.session.receive_eof(self.now)
        self._settle()

    def _connect(self) -> None:
        """Logged on, most of the time."""
        self.connected = True
        if self.initiator:
            self.session.connected(self.now)
            self._settle()
        else:
            self.admission = Admission(self.directory, self.now)
        if self.dice.random() < 0.95:
            fresh = self.dice.random() < 0.5
            self.seq = 1 if fresh else self.session.next_numbers[1]
            extra = [b"141=Y"] if fresh and self.begin not in VERSIONS[:1] else []
            if self.begin == "FIXT.1.1":
                extra.append(b"1137=9")
            self._receive(self._message(b"A", [b"98=0", b"108=30", *extra]))
            self._settle()

    def _receive(self, data: bytes | None) -> None:
        admission = self.admission
        if admission is None:
            if data is None:
                self.session.poll(self.now)
            else:
                self.session.receive_data(data, self.now)
            return
        if data is None:
            admission.poll(self.now)
        else:
            admission.receive_data(data, self.now)
        if admission.session is not None:
            self.admission = None

    def _settle(self) -> None:
        session = self.session
        for event in session.events():
            if isinstance(event, MessageReceived):
                self._read(event.message)
        session.commit()
        for _ in range(MAX_DRAINS):
            data = session.data_to_send()
            if not data:
                break
            if session.faults is None:
                self._check_spoken(data)
        else:
            raise AssertionError(f"still something to send after {MAX_DRAINS} writes")
        refused = self.admission is not None and self.admission.refusal
        if (
            session.close_expected
            or refused
            or (self.admission is None and session.state.value == "disconnected")
        ):
            session.receive_eof(self.now)
            session.events()
            session.commit()
            self.connected = False

    def _check_spoken(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            verdict, end, _ = decode(data, at)
            assert verdict == MESSAGE, f"we said {data[at:]!r}"
            at = end

    def _read(self, message) -> None:
        for tag in READ_TAGS:
            message.get(tag)
            for read in (message.integer, message.decimal, message.timestamp, message.require):
                with suppress(FieldError):
                    read(tag)
        message.pairs()
        with suppress(FieldError):
            message.groups(453, 448)

    def _data(self) -> bytes:
        """A message, as it should be or spoiled."""
        dice = self.dice
        expected = self.session.next_numbers[1]
        roll = dice.random()
        if roll < 0.7:
            self.seq = expected
        elif roll < 0.8:
            self.seq = expected + dice.randrange(1, 5)
        elif roll < 0.85:
            self.seq = max(0, expected - dice.randrange(1, 4))
        kind = dice.choice(tuple(BODIES))
        if kind == b"5" and dice.random() < 0.8:
            kind = b"D"
        body = [field for field in BODIES[kind] if dice.random() < 0.9]
        if kind == b"2":
            low = dice.randrange(1, 30)
            body = [b"7=%d" % low, b"16=%d" % dice.choice((0, 999_999, low, 10_000_000))]
        elif kind == b"4":
            gap = dice.choice((b"123=Y", b"123=N"))
            body = [gap, b"36=%d" % max(1, expected + dice.choice((-1, 0, 1, 5)))]
        message = self._message(kind, body, spoil=dice.random() < 0.35)
        return spoiled_bytes(dice, message) if dice.random() < 0.25 else message

    def _message(self, kind: bytes, body: list[bytes], *, spoil: bool = False) -> bytes:
        now = timestamp(self.now).encode()
        fields = [b"35=" + kind, b"34=%d" % self.seq, b"49=PEER", b"52=" + now, b"56=US"]
        if self.dice.random() < 0.1:
            fields += [b"43=Y", b"122=" + now]
        fields += body
        if spoil:
            fields = spoiled_fields(self.dice, fields)
        return framed(self.begin.encode(), fields)
