"""Reads a FIX log for ``meridian fix decode`` and picks what was asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from meridian.fix.decoder import Decoded, Decoder, OrderChain

__all__ = ["Wanted", "batches", "batches_of_order"]

PIECE = 65_536
"""Bytes read at once."""


def batches(file: Path, decoder: Callable[[], Decoder]) -> Iterator[list[Decoded]]:
    """The messages of a log, each time as many as a read brought."""
    decoding = decoder()
    # Unbuffered: a read brings what is there, and does not wait until it is much.
    stream = FileIO(sys.stdin.fileno(), closefd=False) if str(file) == "-" else FileIO(file)
    with stream:
        while data := stream.read(PIECE):
            yield decoding.feed(data)
    yield decoding.finish()


def batches_of_order(
    file: Path, decoder: Callable[[], Decoder], order: str
) -> Iterator[list[Decoded]]:
    """Those about one order. A file is first looked through for all its ids; what cannot be read
    twice is followed as it comes (see ``OrderChain.take``)."""
    chain = OrderChain(order)
    if str(file) == "-" or not file.is_file():
        for batch in batches(file, decoder):
            yield [shown for message in batch for shown in chain.take(message)]
        return
    known = -1
    while len(chain) > known:
        known = len(chain)
        for batch in batches(file, decoder):
            for message in batch:
                chain.includes(message)
    for batch in batches(file, decoder):
        yield [message for message in batch if chain.includes(message)]


class Wanted:
    """Which messages to show.

    Args:
        types: MsgTypes or names of messages, comma between; empty for all.
        session: a CompID, or ``SENDER:TARGET``; empty for all.
        only_problems: only messages with something wrong.
    """

    def __init__(self, types: str, session: str, *, only_problems: bool) -> None:
        words = [word.strip() for word in types.split(",") if word.strip()]
        self._types = set(words)
        self._names = {word.lower() for word in words}
        self._session = session
        self._only_problems = only_problems

    def includes(self, message: Decoded) -> bool:
        """Whether to show the message."""
        if self._only_problems and not message.problems:
            return False
        named = message.msg_type in self._types or message.name.lower() in self._names
        if self._types and not named:
            return False
        ways = (message.sender, message.target, f"{message.sender}:{message.target}")
        return not self._session or self._session in ways
