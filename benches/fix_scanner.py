"""Finding the fields of a FIX.4.4 ExecutionReport: native, pure, and simplefix."""

from __future__ import annotations

import simplefix

from benches.timing import compare
from meridian.fix import pure_scanner, scanner

MESSAGES = 5_000
BODY = (
    "35=8|34=77|49=MERIDIAN|52=20261121-02:00:00.000|56=TRADER|37=O-1|11=C-1|17=E-1|150=F|39=1|"
    "55=AAPL|54=1|38=100|40=2|44=150.25|59=0|32=40|31=150.25|527=M-1|151=60|14=40|6=150.25|"
    "60=20261121-02:00:00.000|"
)


def _frame() -> bytes:
    body = BODY.replace("|", "\x01").encode()
    head = b"8=FIX.4.4\x019=%d\x01" % len(body)
    return head + body + b"10=%03d\x01" % (sum(head + body) % 256)


def main() -> None:
    """Scan one buffer of messages, as a session does."""
    one = _frame()
    data = one * MESSAGES

    def ours(scan):
        def work() -> int:
            position = found = 0
            while position < len(data):
                _, position, _ = scan(data, position)
                found += 1
            assert found == MESSAGES
            return found

        return work

    def theirs() -> int:
        parser = simplefix.FixParser()
        for _ in range(MESSAGES):
            parser.append_buffer(one)
            assert parser.get_message() is not None
        return MESSAGES

    candidates = {"pure": ours(pure_scanner.scan), "simplefix parse": theirs}
    if scanner.NATIVE:
        candidates = {"native": ours(scanner.scan), **candidates}
    compare("FIX scanner, 23 body fields", candidates, "simplefix parse")
