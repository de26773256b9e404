"""FIX dictionaries: every published version, and loaders for a venue's own."""

from meridian.fix.dictionary.custom import load_dictionary
from meridian.fix.dictionary.model import (
    TYPES,
    Dictionary,
    DictionaryError,
    FieldDef,
    Layout,
    Member,
    MessageDef,
)
from meridian.fix.dictionary.orchestra import load_orchestra
from meridian.fix.dictionary.quickfix import load_quickfix_xml
from meridian.fix.dictionary.standard import VERSIONS, standard
from meridian.fix.dictionary.transport import APPL_VER_IDS, appl_ver_id, combine, version_of

__all__ = [
    "APPL_VER_IDS",
    "TYPES",
    "VERSIONS",
    "Dictionary",
    "DictionaryError",
    "FieldDef",
    "Layout",
    "Member",
    "MessageDef",
    "appl_ver_id",
    "combine",
    "load_dictionary",
    "load_orchestra",
    "load_quickfix_xml",
    "standard",
    "version_of",
]
