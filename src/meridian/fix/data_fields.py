"""Data fields: their values may hold any byte, SOH too, for a length field before says how many.

A scanner must know them before any dictionary is asked: the pairs of every published version. A
venue's own come from its dictionary, and are given to the scanner of its sessions.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DATA_TAGS", "beyond_published"]

_LENGTHS = """
90 95 212 348 350 352 354 356 358 360 362 364 445 618 621 1184 1277 1280 1282 1397 1401 1403 1468
1578 1620 1664 1733 1871 1874 2072 2074 2111 2179 2287 2351 2481 2637 2651 2665 2715 2718 2721
2797 40004 40008 40978 40980 40982 40984 40986 40988 41083 41101 41107 41256 41320 41324 41458
41476 41482 41653 41710 41806 41811 41873 41969 42025 42171 42451 42652 42947
"""
"""Lengths whose data has the next tag, as RawDataLength(95) and RawData(96)."""

_APART = """
93-89 1525-1527 1678-1697 2372-2371 2494-2493 2522-2521 2802-2801 2809-2808 2815-2814 43109-42684
43110-42486 43111-42982
"""
"""The other pairs, length first, as SignatureLength(93) and Signature(89)."""

DATA_TAGS: dict[int, int] = {
    **{int(tag): int(tag) + 1 for tag in _LENGTHS.split()},
    **{int(pair.split("-")[0]): int(pair.split("-")[1]) for pair in _APART.split()},
}
"""Tag of a length -> tag of the data it measures, which follows at once."""


def beyond_published(data_fields: Mapping[int, int]) -> dict[int, int] | None:
    """Those of a venue's own making, None where there are none."""
    own = {length: data for length, data in data_fields.items() if length not in DATA_TAGS}
    return own or None
