"""Message buses: in-process.

May import: ccm, schema. At least once: consumers are idempotent by ``message_id``.
"""

from meridian.bus.in_process import (
    DEFAULT_CAPACITY,
    InProcessBus,
    Overflow,
    Subscription,
    SubscriptionOverflow,
)

__all__ = ["DEFAULT_CAPACITY", "InProcessBus", "Overflow", "Subscription", "SubscriptionOverflow"]
