"""Which dictionary a logged message is read with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from meridian.fix.dictionary import APPL_VER_IDS, VERSIONS, Dictionary, combine, standard

__all__ = ["MAX_PAIRS", "Versions"]

MAX_PAIRS = 4_096
"""FIXT sessions whose DefaultApplVerID(1137) is remembered; the longest unheard go first."""

_TRANSPORT = "FIXT.1.1"
_FALLBACK = "FIX.4.4"
_FALLBACK_APPLICATION = "FIX.5.0SP2"


class Versions:
    """Chooses by BeginString(8) and, over FIXT, by ApplVerID(1128) or the session's default.

    ``custom`` dictionaries stand before the standard one of their version, so that a file with
    only a venue's own tags will do; one with a version of its own stands before all of them.
    """

    def __init__(self, custom: Iterable[Dictionary] = ()) -> None:
        self._custom = tuple(custom)
        self._defaults: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._made: dict[str, Dictionary] = {}

    def learn(self, sender: str, target: str, default_appl_ver_id: str) -> None:
        """Remember the DefaultApplVerID(1137) of a Logon, for both directions."""
        self._defaults[_pair(sender, target)] = default_appl_ver_id
        self._defaults.move_to_end(_pair(sender, target))
        if len(self._defaults) > MAX_PAIRS:
            self._defaults.popitem(last=False)

    def choose(
        self, begin_string: str, sender: str, target: str, appl_ver_id: str
    ) -> tuple[Dictionary, str]:
        """The dictionary, and what is wrong with the version (empty: nothing)."""
        if begin_string != _TRANSPORT:
            if begin_string in VERSIONS:
                return self._dictionary(begin_string), ""
            return self._dictionary(_FALLBACK), f"BeginString(8) {begin_string!r} read as FIX.4.4"
        stated = appl_ver_id or self._defaults.get(_pair(sender, target), "")
        version = APPL_VER_IDS.get(stated, "")
        if version in VERSIONS:
            return self._dictionary(version, over_fixt=True), ""
        made = self._dictionary(_FALLBACK_APPLICATION, over_fixt=True)
        return made, f"ApplVerID {stated!r} read as FIX.5.0SP2" if stated else ""

    def _dictionary(self, version: str, *, over_fixt: bool = False) -> Dictionary:
        over_fixt = over_fixt or version.startswith("FIX.5")
        key = f"{_TRANSPORT} {version}" if over_fixt else version
        made = self._made.get(key)
        if made is None:
            made = (
                combine(standard(_TRANSPORT), standard(version)) if over_fixt else standard(version)
            )
            for custom in self._custom:
                if custom.version not in VERSIONS or custom.version in key.split():
                    made = _before(custom, made)
            self._made[key] = made
        return made


def _before(custom: Dictionary, below: Dictionary) -> Dictionary:
    """Both as one; what the custom one defines wins."""
    joined = combine(custom, below)
    return Dictionary(
        version=below.version,
        fields={**joined.fields, **custom.fields},
        messages=joined.messages,
        header=custom.header if custom.header.members else below.header,
        trailer=custom.trailer if custom.trailer.members else below.trailer,
    )


def _pair(sender: str, target: str) -> tuple[str, str]:
    return (sender, target) if sender <= target else (target, sender)
