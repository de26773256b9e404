"""Tags and message types that only the venue speaks, by the names of the standard."""

from __future__ import annotations

# Orders.
Account = 1
ExecInst = 18
ExecRefID = 19
ExecTransType = 20
SecurityIDSource = 22
SecurityID = 48
StopPx = 99
ClientID = 109
MinQty = 110
MaxFloor = 111
ExpireTime = 126
PegOffsetValue = 211
ExecRestatementReason = 378
DiscretionInst = 388
DiscretionOffsetValue = 389
ExpireDate = 432
MassCancelRequestType = 530
MassCancelResponse = 531
MassCancelRejectReason = 532
TotalAffectedOrders = 533
CopyMsgIndicator = 797
PegPriceType = 1094
DisplayQty = 1138
MassActionReportID = 1369

# Instruments.
SettlType = 63
SettlDate = 64
SettlCurrency = 120
SecurityType = 167
MaturityMonthYear = 200
PutOrCall = 201
StrikePrice = 202
MaturityDay = 205
SecurityExchange = 207
ContractMultiplier = 231
UnderlyingSymbol = 311
SecurityRequestType = 321
SecurityResponseType = 323
MaturityDate = 541
NoUnderlyings = 711

# Market data and trading status.
AggregatedBook = 266
MDEntryID = 278
MDUpdateAction = 279
NumberOfOrders = 346
LastUpdateTime = 779
SecurityStatusReqID = 324
UnsolicitedIndicator = 325
SecurityTradingStatus = 326
TradSesReqID = 335
TradingSessionID = 336
TradSesStatus = 340

OrderMassCancelRequest = "q"
OrderMassCancelReport = "r"
SecurityDefinitionRequest = "c"
SecurityDefinition = "d"
SecurityStatusRequest = "e"
SecurityStatus = "f"
TradingSessionStatusRequest = "g"
TradingSessionStatus = "h"
