"""FIX tag numbers in use, by the names of the standard."""

from __future__ import annotations

__all__ = [
    "ApplVerID",
    "AvgPx",
    "BeginSeqNo",
    "BeginString",
    "BodyLength",
    "BusinessRejectReason",
    "BusinessRejectRefID",
    "CheckSum",
    "ClOrdID",
    "CumQty",
    "Currency",
    "CxlRejReason",
    "CxlRejResponseTo",
    "DefaultApplVerID",
    "DeliverToCompID",
    "DeliverToLocationID",
    "DeliverToSubID",
    "EncryptMethod",
    "EndSeqNo",
    "ExecID",
    "ExecType",
    "GapFillFlag",
    "HandlInst",
    "HeartBtInt",
    "LastFragment",
    "LastMsgSeqNumProcessed",
    "LastPx",
    "LastQty",
    "LastRptRequested",
    "LeavesQty",
    "MDEntryDate",
    "MDEntryPositionNo",
    "MDEntryPx",
    "MDEntrySize",
    "MDEntryTime",
    "MDEntryType",
    "MDReqID",
    "MDReqRejReason",
    "MDUpdateType",
    "MarketDepth",
    "MassStatusReqID",
    "MassStatusReqType",
    "MessageEncoding",
    "MinPriceIncrement",
    "MinTradeVol",
    "MsgSeqNum",
    "MsgType",
    "NewPassword",
    "NewSeqNo",
    "NextExpectedMsgSeqNum",
    "NoMDEntries",
    "NoMDEntryTypes",
    "NoRelatedSym",
    "OnBehalfOfCompID",
    "OnBehalfOfLocationID",
    "OnBehalfOfSubID",
    "OrdRejReason",
    "OrdStatus",
    "OrdStatusReqID",
    "OrdType",
    "OrderID",
    "OrderQty",
    "OrigClOrdID",
    "OrigSendingTime",
    "Password",
    "PossDupFlag",
    "PossResend",
    "Price",
    "RefMsgType",
    "RefSeqNum",
    "RefTagID",
    "ResetSeqNumFlag",
    "RoundLot",
    "SecondaryExecID",
    "SecurityListRequestType",
    "SecurityReqID",
    "SecurityRequestResult",
    "SecurityResponseID",
    "SenderCompID",
    "SenderLocationID",
    "SenderSubID",
    "SendingTime",
    "SessionRejectReason",
    "Side",
    "SubscriptionRequestType",
    "Symbol",
    "TargetCompID",
    "TargetLocationID",
    "TargetSubID",
    "TestMessageIndicator",
    "TestReqID",
    "Text",
    "TimeInForce",
    "TotNoRelatedSym",
    "TotNumReports",
    "TransactTime",
    "Username",
]

AvgPx = 6
BeginSeqNo = 7
BeginString = 8
BodyLength = 9
CheckSum = 10
ClOrdID = 11
CumQty = 14
Currency = 15
EndSeqNo = 16
ExecID = 17
HandlInst = 21
LastPx = 31
LastQty = 32
MsgSeqNum = 34
MsgType = 35
NewSeqNo = 36
OrderID = 37
OrderQty = 38
OrdStatus = 39
OrdType = 40
OrigClOrdID = 41
PossDupFlag = 43
Price = 44
RefSeqNum = 45
SenderCompID = 49
SenderSubID = 50
SendingTime = 52
Side = 54
Symbol = 55
TargetCompID = 56
TargetSubID = 57
Text = 58
TimeInForce = 59
TransactTime = 60
PossResend = 97
EncryptMethod = 98
CxlRejReason = 102
OrdRejReason = 103
HeartBtInt = 108
TestReqID = 112
OnBehalfOfCompID = 115
OnBehalfOfSubID = 116
OrigSendingTime = 122
GapFillFlag = 123
DeliverToCompID = 128
DeliverToSubID = 129
ResetSeqNumFlag = 141
SenderLocationID = 142
TargetLocationID = 143
OnBehalfOfLocationID = 144
DeliverToLocationID = 145
NoRelatedSym = 146
ExecType = 150
LeavesQty = 151
MDReqID = 262
SubscriptionRequestType = 263
MarketDepth = 264
MDUpdateType = 265
NoMDEntryTypes = 267
NoMDEntries = 268
MDEntryType = 269
MDEntryPx = 270
MDEntrySize = 271
MDEntryDate = 272
MDEntryTime = 273
MDReqRejReason = 281
MDEntryPositionNo = 290
SecurityReqID = 320
SecurityResponseID = 322
MessageEncoding = 347
LastMsgSeqNumProcessed = 369
RefTagID = 371
RefMsgType = 372
SessionRejectReason = 373
BusinessRejectRefID = 379
BusinessRejectReason = 380
TotNoRelatedSym = 393
CxlRejResponseTo = 434
TestMessageIndicator = 464
SecondaryExecID = 527
Username = 553
Password = 554
SecurityListRequestType = 559
SecurityRequestResult = 560
RoundLot = 561
MinTradeVol = 562
MassStatusReqID = 584
MassStatusReqType = 585
NextExpectedMsgSeqNum = 789
OrdStatusReqID = 790
LastFragment = 893
TotNumReports = 911
LastRptRequested = 912
NewPassword = 925
MinPriceIncrement = 969
ApplVerID = 1128
DefaultApplVerID = 1137
