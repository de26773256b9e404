"""Messages of the same fields in the same order, which most of a stream's are.

CPython is fast where one call does the work of many: a pattern made for a shape checks and splits
a message at once. So shapes that come again and again are learned, a bounded number of them and
for good: a peer that never repeats itself costs nothing, one that floods us with shapes only
makes later ones as slow as before.
"""

from __future__ import annotations

import re

__all__ = ["LEARN_AFTER", "MAX_FIELDS", "MAX_SHAPES", "MAX_TYPES", "MAX_WATCHED", "Shape", "Shapes"]

LEARN_AFTER = 16
"""Messages of a shape until it is learned."""
MAX_SHAPES = 8
"""Shapes learned of one message type."""
MAX_TYPES = 32
"""Message types of which shapes are learned."""
MAX_WATCHED = 64
"""Shapes of a type that are counted before it starts again."""
MAX_FIELDS = 90
"""Fields of a shape."""

_TAGS = re.compile(rb"(?:^|(?<=\x01))([1-9][0-9]{0,8})=")


class Shape:
    """Fields in one order, none of them empty."""

    __slots__ = ("match", "places", "tags")

    def __init__(self, tags: tuple[int, ...]) -> None:
        self.tags = tags
        self.match = re.compile(b"".join(b"%d=([^\x01]+)\x01" % tag for tag in tags)).fullmatch
        # Backwards, so that the first occurrence of a tag is the one that stays.
        self.places = {tags[at]: at + 1 for at in range(len(tags) - 1, -1, -1)}
        """Tag -> its group in a match."""


class Shapes:
    """The shapes of a process."""

    def __init__(self) -> None:
        self.known: dict[bytes, list[Shape]] = {}
        """MsgType -> its shapes."""
        self.watched: dict[bytes, dict[tuple[int, ...], int]] = {}
        """MsgType -> how often shapes came that are not learned yet."""

    def clear(self) -> None:
        """Forget all."""
        self.known.clear()
        self.watched.clear()

    def watch(self, msg_type: bytes, raw: bytes) -> None:
        """A well-formed message without data that fits no known shape has come."""
        known = self.known.get(msg_type, [])
        full = len(known) == MAX_SHAPES or (not known and len(self.known) == MAX_TYPES)
        if full or raw.count(b"\x01") > MAX_FIELDS:
            return
        # Made-up types must not take the place of those that come again.
        if msg_type not in self.watched and len(self.watched) == MAX_TYPES:
            self.watched.clear()
        watched = self.watched.setdefault(msg_type, {})
        tags = tuple(map(int, _TAGS.findall(raw)))
        watched[tags] = watched.get(tags, 0) + 1
        if watched[tags] == LEARN_AFTER:
            del watched[tags]
            self.known.setdefault(msg_type, []).append(Shape(tags))
        elif len(watched) > MAX_WATCHED:
            watched.clear()
