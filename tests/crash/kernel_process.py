"""A kernel with its sidecar and FIX plugin, made to be killed.

Usage: kernel_process.py FOLDER PORT work|finish

work: place intents W1, W2, ... (continuing where the journal ends) until killed.
finish: cancel what is open, wait until every intent has ended, print what the kernel holds, exit.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from pathlib import Path

from meridian.adapters.fix import FixSettings
from meridian.kernel import BaseEvent, OrderEvent, OrderState
from meridian.schema import StandardOrder
from meridian.services.fix_stack import FixStack
from meridian.services.logs import configure_logs
from meridian.services.sidecar import SidecarSettings

PACE_SECONDS = 0.01
FINISH_SECONDS = 30


def order(number: int) -> StandardOrder:
    """Some trade at once, some rest, on both sides; every one is small."""
    side = "BUY" if number % 2 else "SELL"
    price = (
        {"BUY": "151.00", "SELL": "149.00"} if number % 3 else {"BUY": "149.90", "SELL": "150.10"}
    )
    return StandardOrder(symbol_id="AAPL", side=side, quantity=1 + number % 7, price=price[side])


def ended(state: OrderState) -> bool:
    """Finished, and nothing sent for it is still to be answered."""
    return state.status.terminal and not any(a.status.open for a in state.attempts)


async def main(folder: Path, port: int, mode: str) -> None:
    configure_logs("INFO", (folder / "kernel.log").open("a"))
    stack = FixStack.build(
        folder,
        {"host": "127.0.0.1", "port": port, "sender": "TRADER", "target": "MERIDIAN"},
        exchange_id="MERIDIAN",
        fix=FixSettings(ack_timeout=2.0),
        sidecar=SidecarSettings(backoff_base=0.05, backoff_cap=0.2),
    )
    await stack.start()
    kernel = stack.kernel
    if mode == "work":
        for number in count(len(await kernel.get_all_intents()) + 1):
            await kernel.place_order(order(number), intent_id=f"W{number}")
            if number % 5 == 0:
                await kernel.cancel_order(f"W{number - 2}")
            await asyncio.sleep(PACE_SECONDS)
    await kernel.cancel_all_orders()
    try:
        async with asyncio.timeout(FINISH_SECONDS):
            while not all(map(ended, await kernel.get_all_orders())):  # noqa: ASYNC110
                await asyncio.sleep(PACE_SECONDS)
    except TimeoutError:
        left = [state for state in await kernel.get_all_orders() if not ended(state)]
        sys.exit(f"not ended: {left}\n{kernel.get_reconciliation_metrics()}")
    events: list[BaseEvent] = []
    kernel.subscribe_events(events.append, from_seq=1)
    states = await kernel.get_all_orders()
    positions = await kernel.get_positions()
    await stack.stop()
    report = {
        "intents": {s.intent_id: [a.model_dump(mode="json") for a in s.attempts] for s in states},
        "fills": [
            [e.trade_id, str(e.last_quantity), str(e.last_price)]
            for e in events
            if isinstance(e, OrderEvent) and e.trade_id
        ],
        "filled": {s.intent_id: str(s.filled_quantity) for s in states},
        "position": [str(p.quantity) for p in positions],
        "event_seqs": [e.seq for e in events],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
