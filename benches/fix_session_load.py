"""A FIX.4.4 client as fast as a socket: orders built beforehand, answers only counted.

``python -m benches.fix_session_load PORT pipelined|pingpong ORDERS CPU [rest|trade]`` prints
seconds, or round trips in ns, as JSON. Orders that ``rest`` have one report each; those that
``trade`` buy and sell in turns, and every two of them have four.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time

WINDOW = 1_000
"""Orders without an answer at most."""
BLOCK = 50
"""Orders a write, when pipelined."""
ANSWER = b"\x0135=8\x01"
REFUSALS = (b"\x0135=3\x01", b"\x0135=5\x01", b"\x0135=j\x01")
TIMEOUT = 60
SIDES = {"rest": "1", "trade": "12"}
"""Side(54) of one order after the other."""

ORDER = (
    "11={cl_ord_id}|1=ACC-7001|453=1|448=DESK|447=D|452=3|21=1|55=AAPL|48=US0378331005|22=4|"
    "207=XNAS|54={side}|60={now}|38=100|40=2|44=150.25|15=USD|59=0|528=A|58=bench|"
)


def _framed(msg_type: str, seq: int, now: str, body: str) -> bytes:
    inner = f"35={msg_type}|34={seq}|49=TRADER|52={now}|56=MERIDIAN|{body}".replace("|", "\x01")
    head = f"8=FIX.4.4\x019={len(inner)}\x01{inner}".encode()
    return head + b"10=%03d\x01" % (sum(head) % 256)


class Client:
    """A socket that is logged on."""

    def __init__(self, port: int, mix: str) -> None:
        self.sides = SIDES[mix]
        self.reports = len(self.sides)
        """An order, on average."""
        self.now = time.strftime("%Y%m%d-%H:%M:%S.000", time.gmtime())
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._tail = b""
        self.socket.sendall(_framed("A", 1, self.now, "98=0|108=60|"))
        answer = self.socket.recv(65536)
        assert b"\x0135=A\x01" in answer, f"expected a Logon, got {answer!r}"

    def orders(self, count: int) -> list[bytes]:
        """From MsgSeqNum 2 on."""
        orders = []
        for seq in range(2, count + 2):
            side = self.sides[seq % len(self.sides)]
            body = ORDER.format(cl_ord_id=f"C-{seq:08d}", now=self.now, side=side)
            orders.append(_framed("D", seq, self.now, body))
        return orders

    def answers(self) -> int:
        """Wait for bytes; how many reports ended up complete enough to be counted."""
        data = self.socket.recv(1 << 18)
        assert data, "the acceptor closed the connection"
        data = self._tail + data
        for refusal in REFUSALS:
            assert refusal not in data, f"refused: {data[:400]!r}"
        self._tail = data[-len(ANSWER) + 1 :]
        return data.count(ANSWER)


def pipelined(client: Client, count: int) -> float:
    """Seconds from the first order to the last report."""
    orders = client.orders(count)
    blocks = [b"".join(orders[at : at + BLOCK]) for at in range(0, count, BLOCK)]
    sent = answered = 0
    reports = client.reports
    began = time.perf_counter()
    for block in blocks:
        client.socket.sendall(block)
        sent += BLOCK * reports
        while sent + (BLOCK - WINDOW) * reports > answered:
            answered += client.answers()
    while answered < sent:
        answered += client.answers()
    return time.perf_counter() - began


def pingpong(client: Client, count: int) -> list[int]:
    """Nanoseconds from each order to its report, one at a time."""
    trips = []
    for order in client.orders(count):
        began = time.perf_counter_ns()
        client.socket.sendall(order)
        while not client.answers():
            pass
        trips.append(time.perf_counter_ns() - began)
    return trips


def main() -> None:
    """Run one measurement."""
    port, mode, count, cpu, *mix = sys.argv[1:]
    os.sched_setaffinity(0, {int(cpu)})
    client = Client(int(port), *(mix or ["rest"]))
    work = {"pipelined": pipelined, "pingpong": pingpong}[mode]
    print(json.dumps(work(client, int(count))))


if __name__ == "__main__":
    main()
