"""What a value means, in words."""

from __future__ import annotations

import re

from meridian.fix.dictionary import FieldDef

__all__ = ["SECRET", "is_secret", "meaning", "readable"]

SECRET = "***"
_SECRET_TAGS = frozenset({554, 925, 1402, 1404})
"""Password, NewPassword, EncryptedPassword, EncryptedNewPassword."""
_RAW_DATA, _LOGON = 96, "A"

_CODECS = {
    "ISO-2022-JP": "iso2022_jp",
    "EUC-JP": "euc_jp",
    "SHIFT_JIS": "shift_jis",
    "UTF-8": "utf-8",
}
_SEVERAL = ("MULTIPLEVALUESTRING", "MULTIPLESTRINGVALUE", "MULTIPLECHARVALUE")
_DAYS = ("LOCALMKTDATE", "UTCDATEONLY", "UTCDATE", "DATE")
_INSTANTS = ("UTCTIMESTAMP", "TIME")
_INSTANT = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?)", re.ASCII)
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_MONTH = re.compile(r"(\d{4})(\d\d)(\d\d|w[1-5])?", re.ASCII)


def is_secret(tag: int, msg_type: str) -> bool:
    """A password; RawData(96) of a Logon too, where older versions carry it."""
    return tag in _SECRET_TAGS or (tag == _RAW_DATA and msg_type == _LOGON)


def readable(value: bytes, encoding: str = "") -> str:
    """The value as text: by MessageEncoding(347) for encoded fields, else UTF-8 or Latin-1."""
    if encoding:
        try:
            return value.decode(_CODECS.get(encoding.upper(), "utf-8"))
        except UnicodeDecodeError:
            pass
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def meaning(field: FieldDef, value: str) -> str:
    """The names of an enumerated value, or a date or time set apart; empty where there is none."""
    if field.values:
        parts = value.split(" ") if field.type in _SEVERAL else [value]
        if not any(part in field.values for part in parts):
            return ""
        return ", ".join(field.values.get(part, part) for part in parts)
    if field.type == "BOOLEAN":
        return {"Y": "Yes", "N": "No"}.get(value, "")
    if field.type in _INSTANTS and (match := _INSTANT.fullmatch(value)):
        return "{}-{}-{} {} UTC".format(*match.groups())
    if field.type in _DAYS and (match := _DAY.fullmatch(value)):
        return "-".join(match.groups())
    if field.type == "MONTHYEAR" and (match := _MONTH.fullmatch(value)):
        return "-".join(part for part in match.groups() if part)
    return ""
