"""The FIX.4.4 acceptance dialogues that need no data dictionary, played to the letter."""

from __future__ import annotations

import pytest
from fix_dialogues import Stage

DIALOGUES = """
10_MsgSeqNumEqual 10_MsgSeqNumGreater 10_MsgSeqNumLess 11a_NewSeqNoGreater 11b_NewSeqNoEqual
11c_NewSeqNoLess 13b_UnsolicitedLogoutMessage 14d_TagSpecifiedWithoutValue
19a_PossResendMessageThatHAsAlreadyBeenSent 19b_PossResendMessageThatHasNotBeenSent
1a_ValidLogonMsgSeqNumTooHigh 1a_ValidLogonWithCorrectMsgSeqNum 1b_DuplicateIdentity
1c_InvalidSenderCompID 1c_InvalidTargetCompID 1d_InvalidLogonBadSendingTime
1d_InvalidLogonLengthInvalid 1d_InvalidLogonWrongBeginString 1e_NotLogonMessage
20_SimultaneousResendRequest 2a_MsgSeqNumCorrect 2b_MsgSeqNumTooHigh 2c_MsgSeqNumTooLow
2d_GarbledMessage 2e_PossDupAlreadyReceived 2e_PossDupNotReceived
2f_PossDupOrigSendingTimeTooHigh 2g_PossDupNoOrigSendingTime 2i_BeginStringValueUnexpected
2k_CompIDDoesNotMatchProfile 2m_BodyLengthValueNotCorrect 2o_SendingTimeValueOutOfRange
2r_UnregisteredMsgType 2t_FirstThreeFieldsOutOfOrder 3b_InvalidChecksum
3c_GarbledMessage 4a_NoDataSentDuringHeartBtInt 4b_ReceivedTestRequest 6_SendTestRequest
7_ReceiveRejectMessage 8_AdminAndApplicationMessages 8_OnlyAdminMessages
8_OnlyApplicationMessages AlreadyLoggedOn SessionReset
""".split()  # noqa: SIM905 - a list of names reads better as text


@pytest.mark.parametrize("name", DIALOGUES)
def test_the_acceptor_keeps_to_the_dialogue(name, shared):
    Stage().play(shared / "data" / "quickfix-at" / "fix44" / f"{name}.def")
