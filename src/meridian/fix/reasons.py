"""SessionRejectReason(373) codes with the texts of the standard."""

from __future__ import annotations

__all__ = [
    "COMP_ID",
    "INCORRECT_FORMAT",
    "INCORRECT_VALUE",
    "INVALID_MSG_TYPE",
    "INVALID_TAG",
    "NO_VALUE",
    "REPEATED_TAG",
    "REQUIRED_TAG_MISSING",
    "SENDING_TIME",
    "TEXTS",
    "WRONG_GROUP_COUNT",
]

INVALID_TAG = 0
REQUIRED_TAG_MISSING = 1
NO_VALUE = 4
INCORRECT_VALUE = 5
INCORRECT_FORMAT = 6
COMP_ID = 9
SENDING_TIME = 10
INVALID_MSG_TYPE = 11
REPEATED_TAG = 13
WRONG_GROUP_COUNT = 16

TEXTS = {
    INVALID_TAG: "Invalid tag number",
    REQUIRED_TAG_MISSING: "Required tag missing",
    NO_VALUE: "Tag specified without a value",
    INCORRECT_VALUE: "Value is incorrect (out of range) for this tag",
    INCORRECT_FORMAT: "Incorrect data format for value",
    COMP_ID: "CompID problem",
    SENDING_TIME: "SendingTime accuracy problem",
    INVALID_MSG_TYPE: "Invalid MsgType",
    REPEATED_TAG: "Tag appears more than once",
    WRONG_GROUP_COUNT: "Incorrect NumInGroup count for repeating group",
}
