"""Finds the FIX messages in a log, however it wrote them, as the log grows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

__all__ = ["MAX_PENDING", "MAX_PREFIX", "Frame", "Framer"]

MAX_PENDING = 524_288
"""Bytes of one message, and so the most held of a log."""
MAX_PREFIX = 200
"""Bytes kept of what stands before a message on its line."""
_MAX_MARK = 64
_DELIMITERS_REMEMBERED = 32

_BREAK = rb"(?:\r?\n)?"
_DELIMITER = (
    rb"\x01|\^A|\\x01|\\u0001|\\001|<SOH>|\[SOH\]|\xe2\x90\x81|[ ]?[|;][ ]?|[^\w\s=.]|[ \t]"
)


def _broken(text: str) -> bytes:
    """A pattern for ``text`` where any two characters may be a line apart."""
    return _BREAK.join(re.escape(c).encode() for c in text)


# A log may wrap its lines anywhere. The digit before 8= would make it another tag, such as 58=.
_MARK = re.compile(
    rb"(?<![0-9])" + _broken("8=FIX") + _BREAK + rb"T?" + _BREAK + rb"\." + _BREAK + rb"[0-9]"
    + _BREAK + rb"\." + _BREAK + rb"[0-9](?:SP[0-9])?" + _BREAK
    + rb"(?P<delimiter>" + _DELIMITER + rb")" + _BREAK + rb"(?=[0-9]{1,6}" + _BREAK + rb"=)"
)  # fmt: skip
_LENGTH = re.compile(_broken("9=") + _BREAK + rb"([0-9](?:" + _BREAK + rb"[0-9]){0,6})")
_LAST = b"|10=000|"
_NEWLINES = re.compile(rb"\r?\n")
# Without one of these in what is new, an unfinished message is still unfinished.
_HINT = re.compile(rb"0" + _BREAK + rb"=|8" + _BREAK + rb"=")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as the log has it, from 8= on, with what separates its fields."""

    line: int
    prefix: bytes
    delimiter: bytes
    text: bytes
    truncated: bool = False


class Framer:
    """Cuts messages out of a log that comes in pieces.

    Fields may be separated by SOH or whatever a log writes for it (``|``, ``^A``, ``<SOH>``, …);
    lines may have text before and after messages, several messages, or only part of one.
    Never holds more than ``MAX_PENDING`` bytes and a piece.
    """

    def __init__(self) -> None:
        self._pending = b""
        self._line = 1
        self._waiting_from = -1  # how far an unfinished message was looked through in vain

    def feed(self, data: bytes) -> list[Frame]:
        """The messages that ``data`` completes."""
        self._pending += data
        if self._waiting_from >= 0 and len(self._pending) < MAX_PENDING:
            looked_at = max(self._waiting_from - _MAX_MARK, 1)
            if not _HINT.search(self._pending, looked_at):
                self._waiting_from = len(self._pending)
                return []
        return self._frames(final=False)

    def finish(self) -> list[Frame]:
        """What is left when the log ends."""
        return self._frames(final=True)

    def _frames(self, *, final: bool) -> list[Frame]:
        found: list[Frame] = []
        at = counted = 0
        line = self._line
        self._waiting_from = -1
        while True:
            mark = _MARK.search(self._pending, at)
            if mark is None:
                self._drop_text(at, final=final)
                return found
            framed = self._end(mark, final=final)
            if framed is None:
                start = self._prefix_start(at, mark.start())
                self._waiting_from -= start  # stays negative where it was
                self._drop(start)
                return found
            end, text, truncated = framed
            start = self._prefix_start(at, mark.start())
            prefix = self._pending[start : mark.start()]
            line += self._pending.count(b"\n", counted, mark.start())
            counted = mark.start()
            found.append(Frame(line, prefix, mark["delimiter"], text, truncated))
            at = end

    def _prefix_start(self, at: int, mark: int) -> int:
        least = max(at, mark - MAX_PREFIX)
        return max(least, self._pending.rfind(b"\n", least, mark) + 1)

    def _drop(self, end: int) -> None:
        self._line += self._pending.count(b"\n", 0, end)
        self._pending = self._pending[end:]

    def _drop_text(self, at: int, *, final: bool) -> None:
        """Let go of text without a message, but for what may yet begin one or stand before it."""
        end = len(self._pending)
        if not final:
            last_line = max(at, self._pending.rfind(b"\n", 0, max(at, end - _MAX_MARK)) + 1)
            end = max(last_line, end - MAX_PREFIX - _MAX_MARK)
        self._drop(end)

    def _end(self, mark: re.Match[bytes], *, final: bool) -> tuple[int, bytes, bool] | None:
        """Where the message ends, its text, and whether its end is missing; None: not yet here.

        The CheckSum(10) that BodyLength(9) points to ends it, whatever data stands before; where
        none is there, the first one does. Looks at no byte more often than a few times, for logs
        too may come from a hostile peer.
        """
        pending, start, delimiter = self._pending, mark.start(), mark["delimiter"]
        closing = _closing(delimiter)
        length = _LENGTH.match(pending, mark.end())
        needed = 0
        if length is not None and len(delimiter) == 1:
            needed = length.end() + int(_NEWLINES.sub(b"", length[1]))
            close = closing.match(pending, needed)
            if close is not None and (final or _whole(close, delimiter)):
                return close.end(), pending[start : close.end()], False
        following = _MARK.search(pending, mark.end())
        bound = following.start() if following else len(pending)
        settled = final or len(pending) - start >= MAX_PENDING
        settled = settled or (following is not None and len(pending) > needed + len(_LAST))
        closes = closing.finditer(pending, mark.end(), bound)
        first, pointed_at = _choice(pending, length, delimiter, closes)
        if first is not None and not (settled or _whole(pointed_at or first, delimiter)):
            return None
        if pointed_at is not None:
            return pointed_at.end(), _NEWLINES.sub(b"", pending[start : pointed_at.end()]), False
        if first is not None:
            # A line's end behind it: whatever 9= says, nothing more is to come.
            if settled or _NEWLINES.match(pending, first.end()):
                return first.end(), pending[start : first.end()], False
            return None
        if settled:
            newline = _NEWLINES.search(pending, mark.end(), bound)
            cut = newline.start() if newline else bound
            return cut, pending[start:cut], True
        self._waiting_from = len(pending)
        return None


def _choice(
    pending: bytes,
    length: re.Match[bytes] | None,
    delimiter: bytes,
    closes: Iterator[re.Match[bytes]],
) -> tuple[re.Match[bytes] | None, re.Match[bytes] | None]:
    """The first CheckSum(10), and the one BodyLength(9) points to once line breaks are gone."""
    first = next(closes, None)
    if first is None or length is None:
        return first, None
    declared = int(_NEWLINES.sub(b"", length[1]))
    at, on_wire = length.end(), 0
    for close in chain((first,), closes):
        # The delimiter that ends 9 does not count, but the one before 10 does.
        delimiters = pending.count(delimiter, at, close.start())
        breaks = pending.count(b"\n", at, close.start()) + pending.count(b"\r\n", at, close.start())
        on_wire += close.start() - at - (len(delimiter) - 1) * delimiters - breaks
        at = close.start()
        if on_wire == declared:
            return first, close
        if on_wire > declared:
            break
    return first, None


def _whole(close: re.Match[bytes], delimiter: bytes) -> bool:
    """Whether all of it is here: the delimiter may yet come, unless something else did."""
    after = close.string[close.end("sum") : close.end("sum") + len(delimiter)]
    return close["delimiter"] is not None or not delimiter.startswith(after)


@lru_cache(maxsize=_DELIMITERS_REMEMBERED)
def _closing(delimiter: bytes) -> re.Pattern[bytes]:
    """CheckSum(10) and what follows it."""
    mark = re.escape(delimiter)
    digits = _BREAK.join([rb"[0-9]"] * 3)
    return re.compile(
        mark + _BREAK + _broken("10=") + _BREAK
        + rb"(?P<sum>" + digits + rb"(?![0-9])|[^\r\n\x01|]{0,10}?(?=" + mark + rb"|\r?\n))"
        + rb"(?P<delimiter>" + mark + rb")?"
    )  # fmt: skip
