"""The CCM SDK: ``CCMPlugin`` and the sidecar's pure core.

May import: book, fix, nasdaq, schema. No clock, dice or I/O.

1. A fill with one (trade_id, side, price, quantity, venue) is told once, whatever restarts.
2. Nothing is told that is not durable; what is durable is told.
3. No order is given to a plugin outside CONNECTED, nor before it is in the order map.
4. Only evidence from the venue ends a request whose outcome is UNKNOWN.
"""

from meridian.ccm.backoff import Backoff, Dice
from meridian.ccm.credentials import Credentials, CredentialsExpired
from meridian.ccm.dedup import FillKey, TradeIdScope, fill_key
from meridian.ccm.ledger import Ledger, LedgerEntry, LinkKind, OrderRecord, OrderState
from meridian.ccm.plugin import CCMPlugin, PluginHost
from meridian.ccm.recorder import Identity, Recorder
from meridian.ccm.routed import RoutedOrder
from meridian.ccm.status import LinkEvent, StatusMachine

__all__ = [
    "Backoff",
    "CCMPlugin",
    "Credentials",
    "CredentialsExpired",
    "Dice",
    "FillKey",
    "Identity",
    "Ledger",
    "LedgerEntry",
    "LinkEvent",
    "LinkKind",
    "OrderRecord",
    "OrderState",
    "PluginHost",
    "Recorder",
    "RoutedOrder",
    "StatusMachine",
    "TradeIdScope",
    "fill_key",
]
