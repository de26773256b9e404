"""Repeating groups in the order of the wire, by the layout of a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from meridian.fix import reasons
from meridian.fix.dictionary.model import Layout
from meridian.fix.field_error import FieldError

__all__ = ["entries_of"]

Entries = tuple[list[tuple[int, int]], int]


def entries_of(tags: Sequence[int], at: int, layout: Layout) -> Entries:
    """Where the entries of a group lie, and where the group ends.

    ``at`` is the place after the group's count. The group ends at the first tag that its layout
    does not know; an entry begins with its delimiter, and holds the groups nested in it.

    Raises:
        FieldError: the group does not begin with its delimiter.
    """
    delimiter = layout.members[0].tag
    starts: list[int] = []
    while at < len(tags):
        tag = tags[at]
        member = layout.member(tag)
        if member is None:
            break
        if tag == delimiter:
            starts.append(at)
        elif not starts:
            raise FieldError(delimiter, reasons.GROUP_OUT_OF_ORDER)
        at += 1
        if member.group is not None:
            at = entries_of(tags, at, member.group)[1]
    return list(pairwise([*starts, at])), at
