"""FIX.5.0 and later over FIXT.1.1: which application version, and both dictionaries as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from meridian.fix.dictionary.model import Dictionary, FieldDef, MessageDef

__all__ = ["APPL_VER_IDS", "appl_ver_id", "combine", "version_of"]

APPL_VER_IDS: Mapping[str, str] = MappingProxyType(
    {
        "0": "FIX.2.7",
        "1": "FIX.3.0",
        "2": "FIX.4.0",
        "3": "FIX.4.1",
        "4": "FIX.4.2",
        "5": "FIX.4.3",
        "6": "FIX.4.4",
        "7": "FIX.5.0",
        "8": "FIX.5.0SP1",
        "9": "FIX.5.0SP2",
    }
)
"""ApplVerID(1128) and DefaultApplVerID(1137) -> version."""

_BY_VERSION = {version: value for value, version in APPL_VER_IDS.items()}


def version_of(appl_ver_id: str) -> str:
    """The version an ApplVerID(1128) names.

    Raises:
        ValueError: not one of ``0`` to ``9``.
    """
    version = APPL_VER_IDS.get(appl_ver_id)
    if version is None:
        raise ValueError(f"expected ApplVerID 0 to 9, got {appl_ver_id!r}")
    return version


def appl_ver_id(version: str) -> str:
    """The ApplVerID(1128) of a version.

    Raises:
        ValueError: a version that has none.
    """
    value = _BY_VERSION.get(version)
    if value is None:
        raise ValueError(f"expected one of {', '.join(_BY_VERSION)}, got {version!r}")
    return value


def combine(transport: Dictionary, application: Dictionary) -> Dictionary:
    """The transport's header, trailer and session messages with an application's messages.

    A field that both define has the values of both; so MsgType(35) knows all messages.
    """
    fields: dict[int, FieldDef] = dict(transport.fields)
    for tag, field in application.fields.items():
        below = fields.get(tag)
        if below is not None and (field.values or below.values):
            values = {**below.values, **field.values}
            field = FieldDef(tag, field.name, field.type, values, field.open or below.open)
        fields[tag] = field
    return Dictionary(
        version=application.version,
        fields=fields,
        messages=_Joined(transport.messages, application.messages),
        header=transport.header,
        trailer=transport.trailer,
        transport=transport,
    )


class _Joined(Mapping[str, MessageDef]):
    """Two mappings as one, without laying out a message before it is asked for."""

    def __init__(self, first: Mapping[str, MessageDef], second: Mapping[str, MessageDef]) -> None:
        self._first = first
        self._second = second

    def __getitem__(self, msg_type: str) -> MessageDef:
        return (self._first if msg_type in self._first else self._second)[msg_type]

    def __contains__(self, msg_type: object) -> bool:
        return msg_type in self._first or msg_type in self._second

    def __iter__(self) -> Iterator[str]:
        yield from self._first
        yield from (msg_type for msg_type in self._second if msg_type not in self._first)

    def __len__(self) -> int:
        return sum(1 for _ in self)
