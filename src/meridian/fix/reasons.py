"""SessionRejectReason(373) and BusinessRejectReason(380) codes with the texts of the standard."""

from __future__ import annotations

__all__ = [
    "APPLICATION_NOT_AVAILABLE",
    "COMP_ID",
    "CONDITIONALLY_REQUIRED_FIELD_MISSING",
    "GROUP_OUT_OF_ORDER",
    "INCORRECT_FORMAT",
    "INCORRECT_VALUE",
    "INVALID_MSG_TYPE",
    "INVALID_TAG",
    "NO_VALUE",
    "OTHER",
    "OUT_OF_ORDER",
    "REPEATED_TAG",
    "REQUIRED_TAG_MISSING",
    "SENDING_TIME",
    "SOH_IN_VALUE",
    "TAG_NOT_DEFINED",
    "TEXTS",
    "UNDEFINED_TAG",
    "UNSUPPORTED_APPL_VER",
    "UNSUPPORTED_MESSAGE_TYPE",
    "WRONG_GROUP_COUNT",
]

INVALID_TAG = 0
REQUIRED_TAG_MISSING = 1
TAG_NOT_DEFINED = 2
UNDEFINED_TAG = 3
NO_VALUE = 4
INCORRECT_VALUE = 5
INCORRECT_FORMAT = 6
COMP_ID = 9
SENDING_TIME = 10
INVALID_MSG_TYPE = 11
REPEATED_TAG = 13
OUT_OF_ORDER = 14
GROUP_OUT_OF_ORDER = 15
WRONG_GROUP_COUNT = 16
SOH_IN_VALUE = 17
UNSUPPORTED_APPL_VER = 18
OTHER = 99

TEXTS = {
    INVALID_TAG: "Invalid tag number",
    REQUIRED_TAG_MISSING: "Required tag missing",
    TAG_NOT_DEFINED: "Tag not defined for this message type",
    UNDEFINED_TAG: "Undefined tag",
    NO_VALUE: "Tag specified without a value",
    INCORRECT_VALUE: "Value is incorrect (out of range) for this tag",
    INCORRECT_FORMAT: "Incorrect data format for value",
    COMP_ID: "CompID problem",
    SENDING_TIME: "SendingTime accuracy problem",
    INVALID_MSG_TYPE: "Invalid MsgType",
    REPEATED_TAG: "Tag appears more than once",
    OUT_OF_ORDER: "Tag specified out of required order",
    GROUP_OUT_OF_ORDER: "Repeating group fields out of order",
    WRONG_GROUP_COUNT: "Incorrect NumInGroup count for repeating group",
    SOH_IN_VALUE: "Non-data value includes field delimiter (SOH character)",
    UNSUPPORTED_APPL_VER: "Invalid or unsupported application version",
    OTHER: "Other",
}
"""SessionRejectReason(373) -> Text(58)."""

UNSUPPORTED_MESSAGE_TYPE = 3
APPLICATION_NOT_AVAILABLE = 4
CONDITIONALLY_REQUIRED_FIELD_MISSING = 5
