"""How the session layer differs from version to version: one table."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["FIXT", "PROFILES", "Profile"]

FIXT = "FIXT.1.1"


@dataclass(frozen=True, slots=True)
class Profile:
    """The session layer of one BeginString(8).

    ``milliseconds``: SendingTime has them. ``infinity``: EndSeqNo(16) of a request for all there
    is. ``reject_reasons``: the highest SessionRejectReason(373) the version knows, None where
    Reject has neither 371, 372 nor 373 and names the tag in its text. ``business_reject``: there
    is a BusinessMessageReject(j); where not, Reject(3) stands in, and ``unsupported`` is its text.
    ``reset_flag``: Logon has ResetSeqNumFlag(141). ``appl_ver_id``: Logon names
    the application version in DefaultApplVerID(1137).
    """

    milliseconds: bool = True
    infinity: int = 0
    reject_reasons: int | None = 99
    business_reject: bool = True
    unsupported: str = "Unsupported Message Type"
    reset_flag: bool = True
    appl_ver_id: bool = False

    def names_reason(self, code: int) -> bool:
        """Whether a Reject of this version can carry ``code`` in SessionRejectReason(373)."""
        return self.reject_reasons is not None and code <= self.reject_reasons


_FIX40 = Profile(
    milliseconds=False,
    infinity=999_999,
    reject_reasons=None,
    business_reject=False,
    unsupported="Unsupported message type",
    reset_flag=False,
)

PROFILES: dict[str, Profile] = {
    "FIX.4.0": _FIX40,
    "FIX.4.1": replace(_FIX40, reset_flag=True),
    "FIX.4.2": Profile(reject_reasons=11),
    "FIX.4.3": Profile(reject_reasons=17),
    "FIX.4.4": Profile(),
    FIXT: Profile(appl_ver_id=True),
}
"""BeginString(8) -> its session layer. FIX.5.0 and later run over FIXT.1.1."""
