"""The published versions of FIX, read from the files this package carries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from meridian.fix.dictionary.compact import read_compact
from meridian.fix.dictionary.model import Dictionary

__all__ = ["VERSIONS", "standard"]

VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "FIX.4.0": "FIX40",
        "FIX.4.1": "FIX41",
        "FIX.4.2": "FIX42",
        "FIX.4.3": "FIX43",
        "FIX.4.4": "FIX44",
        "FIXT.1.1": "FIXT11",
        "FIX.5.0": "FIX50",
        "FIX.5.0SP1": "FIX50SP1",
        "FIX.5.0SP2": "FIX50SP2",
    }
)
"""Version -> name of its file, without suffix."""


@lru_cache(maxsize=len(VERSIONS))
def standard(version: str) -> Dictionary:
    """The published dictionary of one version, ``FIX.4.0`` to ``FIX.5.0SP2`` or ``FIXT.1.1``.

    Raises:
        ValueError: no such version.
    """
    name = VERSIONS.get(version)
    if name is None:
        raise ValueError(f"expected one of {', '.join(VERSIONS)}, got {version!r}")
    file = resources.files("meridian.fix.dictionary").joinpath("data", f"{name}.txt")
    return read_compact(file.read_text(encoding="ascii")).dictionary()
