"""Plausible FIX of any version, and ways to spoil it. Everything comes from the dice."""

from __future__ import annotations

from random import Random

SOH = b"\x01"

BODIES: dict[bytes, tuple[bytes, ...]] = {
    b"A": (b"98=0", b"108=30", b"141=Y", b"553=u", b"554=p", b"789=7", b"1137=9", b"95=3"),
    b"0": (b"112=hello",),
    b"1": (b"112=hello",),
    b"2": (b"7=1", b"16=0"),
    b"3": (b"45=2", b"371=11", b"372=D", b"373=5", b"58=no"),
    b"4": (b"123=Y", b"36=5"),
    b"5": (b"58=bye",),
    b"j": (b"45=2", b"372=D", b"380=3"),
    b"D": (
        b"11=a1",
        b"21=1",
        b"55=AAPL",
        b"54=1",
        b"60=20231114-22:13:20",
        b"38=100",
        b"40=2",
        b"44=150.25",
        b"453=2",
        b"448=A",
        b"447=D",
        b"452=3",
        b"448=B",
        b"447=D",
        b"452=1",
    ),
    b"8": (
        b"37=o1",
        b"17=e1",
        b"150=0",
        b"39=0",
        b"55=AAPL",
        b"54=1",
        b"151=100",
        b"14=0",
        b"6=0",
        b"382=1",
        b"375=X",
    ),
    b"B": (b"148=news", b"33=1", b"58=line", b"95=5", b"96=a\x01b=c", b"354=3", b"355=\xe4\x01="),
}
"""MsgType -> body fields, in order."""

VALUES = (
    b"",
    b"0",
    b"-1",
    b"1",
    b"2147483648",
    b"9" * 20,
    b"9" * 400,
    b"-" * 30,
    b"0" * 50 + b"7",
    b"1.5",
    b".",
    b"1e9",
    b"NaN",
    b"Y",
    b"\x00",
    b"\xff\xfe",
    b"=",
    b"20231114-22:13:20",
    b"20231314-29:61:61.999999999",
    b"D",
    b"A",
    b"x" * 2_000,
)
TAGS = (
    b"8",
    b"9",
    b"10",
    b"34",
    b"35",
    b"36",
    b"43",
    b"49",
    b"52",
    b"56",
    b"122",
    b"0",
    b"-5",
    b"",
)


def framed(begin: bytes, fields: list[bytes]) -> bytes:
    """A message around the fields, BodyLength and CheckSum right."""
    body = b"".join(field + SOH for field in fields)
    head = b"8=%b\x019=%d\x01%b" % (begin, len(body), body)
    return head + b"10=%03d\x01" % (sum(head) % 256)


def spoiled_fields(dice: Random, fields: list[bytes]) -> list[bytes]:
    """Fields lost, doubled, moved, changed; what is framed around them is right."""
    fields = fields.copy()
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(fields))
        way = dice.randrange(6)
        if way == 0 and len(fields) > 1:
            del fields[at]
        elif way == 1:
            fields.insert(at, fields[at])
        elif way == 2:
            fields.append(fields.pop(at))
        elif way == 3:
            fields[at] = fields[at].partition(b"=")[0] + b"=" + dice.choice(VALUES)
        elif way == 4:
            fields[at] = dice.choice(TAGS) + b"=" + fields[at].partition(b"=")[2]
        else:
            fields.insert(at, b"%d=%b" % (dice.randrange(6_000), dice.choice(VALUES)))
    return fields


def spoiled_bytes(dice: Random, data: bytes) -> bytes:
    """Bytes flipped, cut, doubled, moved: nothing need be right any more."""
    spoiled = bytearray(data)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(spoiled) + 1)
        way = dice.randrange(6)
        if way == 0 and at < len(spoiled):
            spoiled[at] ^= 1 << dice.randrange(8)
        elif way == 1:
            del spoiled[at : at + dice.randrange(20)]
        elif way == 2:
            spoiled[at:at] = bytes(dice.randrange(256) for _ in range(dice.randrange(8)))
        elif way == 3:
            spoiled[at:at] = spoiled[at : at + dice.randrange(60)]
        elif way == 4:
            spoiled[at:at] = dice.choice(
                (b"8=", b"\x0110=", b"\x019=", SOH, b"=", b"8=FIX.4.4\x01")
            )
        else:
            del spoiled[at:]
    return bytes(spoiled)
