"""MsgType(35) values by the names of the standard, and which of them belong to the session."""

from __future__ import annotations

__all__ = [
    "ADMIN",
    "BusinessMessageReject",
    "ExecutionReport",
    "Heartbeat",
    "Logon",
    "Logout",
    "MarketDataIncrementalRefresh",
    "MarketDataRequest",
    "MarketDataRequestReject",
    "MarketDataSnapshotFullRefresh",
    "NewOrderSingle",
    "OrderCancelReject",
    "OrderCancelReplaceRequest",
    "OrderCancelRequest",
    "OrderMassStatusRequest",
    "OrderStatusRequest",
    "Reject",
    "ResendRequest",
    "SecurityList",
    "SecurityListRequest",
    "SequenceReset",
    "TestRequest",
]

Heartbeat = "0"
TestRequest = "1"
ResendRequest = "2"
Reject = "3"
SequenceReset = "4"
Logout = "5"
Logon = "A"

NewOrderSingle = "D"
OrderCancelRequest = "F"
OrderCancelReplaceRequest = "G"
OrderStatusRequest = "H"
OrderMassStatusRequest = "AF"
ExecutionReport = "8"
OrderCancelReject = "9"
MarketDataRequest = "V"
MarketDataSnapshotFullRefresh = "W"
MarketDataIncrementalRefresh = "X"
MarketDataRequestReject = "Y"
SecurityListRequest = "x"
SecurityList = "y"
BusinessMessageReject = "j"

ADMIN = frozenset({Heartbeat, TestRequest, ResendRequest, Reject, SequenceReset, Logout, Logon})
"""Handled by the session; never resent, a gap fill stands in for them."""
