"""A log in, decoded messages out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from meridian.fix import tags
from meridian.fix.decoder.framing import Frame, Framer
from meridian.fix.decoder.meaning import SECRET, is_secret, meaning, readable
from meridian.fix.decoder.nesting import nest
from meridian.fix.decoder.records import Decoded, Problem, ProblemCode
from meridian.fix.decoder.sequence import Numbered, SequenceTracker
from meridian.fix.decoder.versions import Versions
from meridian.fix.decoder.wire import WireField, body_problems, split_fields
from meridian.fix.dictionary import Dictionary
from meridian.fix.msgtypes import Logon

__all__ = ["Decoder"]

_APPL_VER_ID, _DEFAULT_APPL_VER_ID, _MESSAGE_ENCODING = 1128, 1137, 347
_NUMBER = re.compile("[0-9]{1,18}")
_MSG_TYPE = tags.MsgType


class Decoder:
    """Decodes a log piece by piece; never raises, whatever the bytes, and holds only a little.

    Args:
        custom: a venue's own dictionaries (see ``Versions``).
        show_secrets: passwords as they are, not as ``***``.
    """

    def __init__(self, custom: Iterable[Dictionary] = (), *, show_secrets: bool = False) -> None:
        self._framer = Framer()
        self._versions = Versions(custom)
        self._sequence = SequenceTracker()
        self._show_secrets = show_secrets

    def feed(self, data: bytes) -> list[Decoded]:
        """The messages that ``data`` completes."""
        return [self._decoded(frame) for frame in self._framer.feed(data)]

    def finish(self) -> list[Decoded]:
        """The messages left when the log ends; another log may follow."""
        frames = self._framer.finish()
        self._framer = Framer()
        return [self._decoded(frame) for frame in frames]

    def _decoded(self, frame: Frame) -> Decoded:
        fields = split_fields(frame, {})
        head = {field.tag: readable(field.value) for field in reversed(fields)}
        sender, target = head.get(tags.SenderCompID, ""), head.get(tags.TargetCompID, "")
        msg_type = head.get(_MSG_TYPE, "")
        begin_string = head.get(tags.BeginString, "")
        if msg_type == Logon and _DEFAULT_APPL_VER_ID in head:
            self._versions.learn(sender, target, head[_DEFAULT_APPL_VER_ID])
        dictionary, wrong = self._versions.choose(
            begin_string, sender, target, head.get(_APPL_VER_ID, "")
        )
        if not dictionary.data_lengths.keys().isdisjoint(head):
            fields = split_fields(frame, dictionary.data_lengths)
        problems = body_problems(frame, fields)
        if wrong:
            problems.append(Problem(ProblemCode.VERSION, tags.BeginString, wrong))
        describe = _Describing(dictionary, head, show_secrets=self._show_secrets)
        nested, of_groups = nest(fields, dictionary, msg_type, describe)
        number = head.get(tags.MsgSeqNum, "")
        seq_num = int(number) if _NUMBER.fullmatch(number) else None
        message = dictionary.message(msg_type)
        if seq_num is not None:
            of_sequence = self._sequence.check(_numbered(head, seq_num))
            problems += [of_sequence] if of_sequence is not None else []
        else:
            text = f"expected MsgSeqNum(34), got {number!r}"
            problems.append(Problem(ProblemCode.SEQUENCE_MISSING, tags.MsgSeqNum, text))
        return Decoded(
            line=frame.line,
            prefix=readable(frame.prefix.strip(b" \t\r\x00\x01")),
            version=dictionary.version,
            msg_type=msg_type,
            name=message.name if message is not None else "",
            sender=sender,
            target=target,
            seq_num=seq_num,
            sending_time=head.get(tags.SendingTime, ""),
            fields=nested,
            problems=(*problems, *of_groups),
        )


class _Describing:
    """Names, values and meanings of one message's fields."""

    def __init__(
        self, dictionary: Dictionary, head: Mapping[int, str], *, show_secrets: bool
    ) -> None:
        self._dictionary = dictionary
        self._msg_type = head.get(_MSG_TYPE, "")
        self._encoding = head.get(_MESSAGE_ENCODING, "")
        self._show_secrets = show_secrets

    def __call__(self, wire: WireField) -> tuple[str, str, str]:
        field = self._dictionary.field(wire.tag)
        name = field.name if field is not None else ""
        if is_secret(wire.tag, self._msg_type) and not self._show_secrets:
            return name, SECRET, ""
        encoded = field is not None and field.type == "DATA"
        value = readable(wire.value, self._encoding if encoded else "")
        if wire.tag == _MSG_TYPE:
            message = self._dictionary.message(value)
            return name, value, message.name if message is not None else ""
        return name, value, meaning(field, value) if field is not None else ""


def _numbered(head: Mapping[int, str], seq_num: int) -> Numbered:
    new_seq_no = head.get(tags.NewSeqNo, "")
    return Numbered(
        session=tuple(
            head.get(tag, "") for tag in (tags.BeginString, tags.SenderCompID, tags.TargetCompID)
        ),
        msg_type=head.get(_MSG_TYPE, ""),
        seq_num=seq_num,
        poss_dup=head.get(tags.PossDupFlag) == "Y",
        reset=head.get(tags.ResetSeqNumFlag) == "Y",
        gap_fill=head.get(tags.GapFillFlag) == "Y",
        new_seq_no=int(new_seq_no) if _NUMBER.fullmatch(new_seq_no) else None,
    )
