"""What a validator holds a message to beyond its dictionary, by the names QuickFIX users know."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FIRST_USER_TAG", "ValidatorOptions"]

FIRST_USER_TAG = 5_000
"""Tags from here on are user-defined as far as ``user_defined_fields`` goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatorOptions:
    """Which checks are made; all of them unless said otherwise.

    ``fields_have_values``: an empty value is a fault (ValidateFieldsHaveValues). ``fields_out_of_
    order``: header, body and trailer come in this order (ValidateFieldsOutOfOrder).
    ``user_defined_fields``: tags from 5000 on must be in the dictionary and in the message's
    layout as all others (ValidateUserDefinedFields). ``allow_unknown_msg_fields``: tags below 5000
    need not be (AllowUnknownMsgFields). ``unordered_group_fields``: the fields of a group's entry
    come in the dictionary's order (ValidateUnorderedGroupFields). ``field_values``: a field with
    an enumeration holds one of its values.
    """

    fields_have_values: bool = True
    fields_out_of_order: bool = True
    user_defined_fields: bool = True
    allow_unknown_msg_fields: bool = False
    unordered_group_fields: bool = True
    field_values: bool = True

    def tolerates(self, tag: int) -> bool:
        """Whether the tag may be where, or what, the dictionary does not say."""
        if tag >= FIRST_USER_TAG:
            return not self.user_defined_fields
        return self.allow_unknown_msg_fields and tag > 0
