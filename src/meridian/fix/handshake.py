"""Logon: both sides of it, with resets, and with what each side says it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meridian.fix import msgtypes
from meridian.fix.events import LoggedOn, LoggedOut, SessionRejected, Synchronised
from meridian.fix.liveness import Liveness
from meridian.fix.logon import logon_fault, logon_refusal
from meridian.fix.message import Message
from meridian.fix.states import Trigger
from meridian.fix.tags import (
    DefaultApplVerID,
    HeartBtInt,
    NextExpectedMsgSeqNum,
    ResetSeqNumFlag,
    TestMessageIndicator,
    Text,
)

if TYPE_CHECKING:
    from meridian.fix.dialogue import Dialogue

__all__ = ["Handshake", "too_low"]


class Handshake:
    """Opens a connection's dialogue, and starts its numbers over when a Logon says so.

    ``reset_asked``: our Logon with ResetSeqNumFlag waits for the peer's. ``reset_due``: the next
    Logon of an initiator shall carry the flag. ``logon`` is the one that opened the dialogue.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._config = dialogue.config
        self._speaker = dialogue.speaker
        self._said = 0
        self.logon: Message | None = None
        self.reset_asked = False
        self.reset_due = False

    def open(self, now: int) -> None:
        """A connection stands; an initiator says Logon."""
        speaker = self._speaker
        speaker.since = now
        speaker.reason = ""
        initiator = self._config.initiator
        self.reset_asked = initiator and (self._config.reset_on_logon or self.reset_due)
        speaker.move(Trigger.INITIATED if initiator else Trigger.ACCEPTED)
        schedule = self._config.schedule
        if schedule is not None and not schedule.is_open(now):
            speaker.close("outside the session's hours")
        elif initiator:
            if self.reset_asked:
                self._dialogue.reset(now)
            test = self._config.test_mode is True
            version = self._config.default_appl_ver_id or ""
            # Where there is no flag, the number of our Logon has to say it.
            reset = self.reset_asked and self._config.profile.reset_flag
            self._say(self._config.heart_bt_int, version, test=test, reset=reset, now=now)

    def on_request(self, message: Message, now: int) -> None:
        """The first message of an initiator."""
        if not self._is_fit(message, now):
            return
        reset = message.get(ResetSeqNumFlag) == "Y"
        if reset or self._config.reset_on_logon:
            self._dialogue.reset(now)
        last = self._speaker.outbound.next - 1
        if self._is_low(message, now) or self._expects_too_much(message, last, now):
            return
        heart_bt_int = self._answer(message, now, reset=reset)
        self._give_missing(message, last)
        self._logged_on(message, heart_bt_int, now)

    def on_answer(self, message: Message, now: int) -> None:
        """A message of the acceptor while it has not said Logon."""
        text = message.get(Text, "")
        dialogue = self._dialogue
        if message.msg_type == msgtypes.Logout:
            dialogue.consume(message, now)
            dialogue.events.append(LoggedOut(text))
            self._speaker.close(f"the peer refused the Logon: {text or 'no reason given'}")
            return
        if message.msg_type == msgtypes.Reject:
            dialogue.consume(message, now)
            dialogue.events.append(SessionRejected(message))
            return
        if not self._is_fit(message, now):
            return
        if message.get(ResetSeqNumFlag) == "Y" and not self.reset_asked:
            # The peer has reset both directions: our Logon counts as number 1.
            dialogue.reset(now)
            self._speaker.outbound.skip_to(2)
            self._said = 1
        if self._is_low(message, now) or self._expects_too_much(message, self._said, now):
            return
        self.reset_asked = self.reset_due = False
        self._give_missing(message, self._said)
        self._logged_on(message, self._config.heart_bt_int, now)

    def on_live(self, message: Message, now: int) -> None:
        """Logon with ResetSeqNumFlag on a live session: both directions start over."""
        fault = logon_fault(self._config, message)
        if fault is not None:
            self._speaker.end(fault, now)
            return
        dialogue = self._dialogue
        if self.reset_asked:
            # The answer to our own: our direction has started over already.
            self.reset_asked = False
            dialogue.inbound.reset()
        else:
            dialogue.reset(now)
            dialogue.liveness = Liveness(self._answer(message, now, reset=True), now)
        self._count(message, now)

    def ask_reset(self, now: int) -> None:
        """Start both directions over on a live session: the peer answers with its own Logon.

        What it sent before that is still counted by the old numbers.
        """
        dialogue = self._dialogue
        dialogue.restart_store(now)
        dialogue.inbound.restarting = self.reset_asked = True
        self._speaker.since = now
        heart_bt_int = dialogue.liveness.heart_bt_int
        version = dialogue.appl_ver_id
        self._say(heart_bt_int, version, test=False, reset=True, now=now, expected=1)

    def _answer(self, message: Message, now: int, *, reset: bool) -> int:
        """Our Logon in answer to an initiator's; returns the HeartBtInt agreed on."""
        heart_bt_int = message.require_integer(HeartBtInt)
        version = message.get(DefaultApplVerID, "") if self._config.profile.appl_ver_id else ""
        test = message.get(TestMessageIndicator) == "Y"
        inbound = self._dialogue.inbound
        # 789 counts this Logon where it is in sequence.
        expected = inbound.next + (message.seq_num == inbound.next)
        self._say(heart_bt_int, version, test=test, reset=reset, now=now, expected=expected)
        return heart_bt_int

    def _say(
        self,
        heart_bt_int: int,
        appl_ver_id: str,
        *,
        test: bool,
        reset: bool,
        now: int,
        expected: int | None = None,
    ) -> None:
        if expected is None:
            expected = self._dialogue.inbound.next
        fields = self._speaker.logon_fields(
            heart_bt_int, reset=reset, expected=expected, appl_ver_id=appl_ver_id, test=test
        )
        self._said = self._speaker.say_logon(fields, now)

    def _is_fit(self, message: Message, now: int) -> bool:
        # 1S b, c, 1B, 2S: somebody else, or no Logon at all: disconnect without a message.
        refused = logon_refusal(self._config, message, now)
        if refused is not None:
            self._speaker.close(refused)
            return False
        # 1S d: an invalid Logon of a known peer is answered with Logout and its reason.
        fault = logon_fault(self._config, message)
        if fault is not None:
            self._speaker.end(fault, now)
            return False
        return True

    def _is_low(self, message: Message, now: int) -> bool:
        expected = self._dialogue.inbound.next
        if message.seq_num >= expected or message.poss_dup:
            return False
        self._speaker.end(too_low(expected, message.seq_num), now)
        return True

    def _expects_too_much(self, message: Message, last: int, now: int) -> bool:
        """789 beyond the number after ``last``, ours: the peer knows messages we never sent."""
        expected = self._missing_from(message)
        if expected is None or expected <= last + 1:
            return False
        text = f"NextExpectedMsgSeqNum(789) too high, expecting {last + 1} but received {expected}"
        self._speaker.end(text, now)
        return True

    def _give_missing(self, message: Message, last: int) -> None:
        """Send what the peer says it misses, and what the application said since our Logon.

        A gap of ours it has been told in return.
        """
        expected = self._missing_from(message)
        first = self._said + 1 if expected is None or expected > last else expected
        self._speaker.outbound.resend(first, 0)

    def _missing_from(self, message: Message) -> int | None:
        return message.integer(NextExpectedMsgSeqNum) if self._config.next_expected else None

    def _logged_on(self, message: Message, heart_bt_int: int, now: int) -> None:
        self._speaker.move(Trigger.LOGON)
        self._dialogue.begin(message.get(DefaultApplVerID, ""), Liveness(heart_bt_int, now))
        self._dialogue.events.append(LoggedOn())
        self._count(message, now)

    def _count(self, message: Message, now: int) -> None:
        # 1S a: a Logon that is ahead is accepted, and what is missing before it is asked for.
        inbound = self._dialogue.inbound
        self.logon = message
        if message.seq_num > inbound.next:
            inbound.hold(message)
            if self._missing_from(message) is not None:
                inbound.assume_asked(now)
            self._dialogue.settle(now)
            return
        if message.seq_num == inbound.next:
            inbound.advance(message.seq_num + 1)
        self._dialogue.events.append(Synchronised())


def too_low(expected: int, received: int) -> str:
    """Text of the Logout that answers a number below the expected one."""
    return f"MsgSeqNum too low, expecting {expected} but received {received}"
