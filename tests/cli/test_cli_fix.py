"""What would break: a person reading a FIX log on a terminal, in a pipe or by a program."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from meridian.cli.fix_view import Glyphs, in_full, in_one_line, printable
from meridian.fix.decoder import Decoder

ROOT = Path(__file__).resolve().parents[2]
DECODE = [sys.executable, "-m", "meridian", "fix", "decode"]


def framed(body: str, begin: str = "FIX.4.4") -> str:
    inner = f"{body}|".replace("|", "\x01")
    head = f"8={begin}\x019={len(inner)}\x01{inner}"
    return f"{head}10={sum(head.encode()) % 256:03d}\x01".replace("\x01", "|")


LOGON = framed("35=A|49=DESK|56=VENUE|34=1|52=20260105-09:30:00|98=0|108=30|554=s3cret")
ORDER = framed(
    "35=D|49=DESK|56=VENUE|34=2|52=20260105-09:30:01|11=A1|453=2|448=T7|447=D|452=12"
    "|448=CLR|452=4|55=IBM|54=1|38=100|40=2|44=10.5|5001=x"
)
FILL = framed(
    "35=8|49=VENUE|56=DESK|34=2|52=20260105-09:30:02|37=V1|11=A1|150=F|39=2|55=IBM|54=1"
    "|32=100|31=10.5|14=100|151=0"
)
LATE = framed("35=8|49=VENUE|56=DESK|34=5|52=20260105-09:30:03|37=V9|11=B1|150=0|39=0|54=2")
LOG = f"09:30:00 out {LOGON}\nnoise\n09:30:01 out {ORDER}\nin {FILL}\nin {LATE}\n"


def decode(
    *arguments: str, log: str = LOG, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DECODE, *arguments],
        cwd=folder,
        input=log,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"},
    )


def test_a_log_is_told_message_by_message(tmp_path):
    path = tmp_path / "session.log"
    path.write_text(LOG)
    result = decode(str(path))
    assert result.returncode == 0, result.stderr
    assert result.stdout == decode("-").stdout
    assert "\x1b" not in result.stdout, "colour is for terminals"
    assert result.stderr == "4 messages, 1 with something wrong\n"
    order = result.stdout[result.stdout.index("━━ NewOrderSingle") :].splitlines()
    title = "━━ NewOrderSingle (D)  DESK → VENUE  #2  2026-01-05 09:30:01 UTC ━━━━"
    assert order[0].startswith(title)
    assert order[0].endswith("━━━━ FIX.4.4 ━━ line 3")
    assert order[1:21] == [
        "   09:30:01 out",
        "     8 BeginString      FIX.4.4",
        "     9 BodyLength       133",
        "    35 MsgType          D  NewOrderSingle",
        "    49 SenderCompID     DESK",
        "    56 TargetCompID     VENUE",
        "    34 MsgSeqNum        2",
        "    52 SendingTime      20260105-09:30:01  2026-01-05 09:30:01 UTC",
        "    11 ClOrdID          A1",
        "   453 NoPartyIDs       2",
        "   448 ╭ PartyID        T7",
        "   447 │ PartyIDSource  D  Proprietary",
        "   452 ╰ PartyRole      12  ExecutingTrader",
        "   448 ╭ PartyID        CLR",
        "   452 ╰ PartyRole      4  ClearingFirm",
        "    55 Symbol           IBM",
        "    54 Side             1  Buy",
        "    38 OrderQty         100",
        "    40 OrdType          2  Limit",
        "    44 Price            10.5",
    ]
    assert "  5001 unknown tag      x" in order
    assert " ✗ MsgSeqNum(34) 5, expected 3: 3 to 4 missing" in order


def test_passwords_are_shown_on_request_alone():
    assert "s3cret" not in decode("-").stdout + decode("-", "--json").stdout
    assert "   554 Password       ***" in decode("-").stdout
    assert "   554 Password       s3cret" in decode("-", "--show-secrets").stdout


def test_a_summary_has_one_line_a_message():
    lines = decode("-", "--summary").stdout.splitlines()
    assert [line.split()[5:7] for line in lines] == [
        ["#1", "Logon"],
        ["#2", "NewOrderSingle"],
        ["#2", "ExecutionReport"],
        ["#5", "ExecutionReport"],
    ]
    assert lines[1].endswith("Buy 100 IBM @ 10.5 Limit  id A1")
    assert lines[3].endswith("✗ MsgSeqNum(34) 5, expected 3: 3 to 4 missing")


def test_json_is_one_object_a_line():
    result = decode("-", "--json")
    assert result.stderr == ""
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(m["line"], m["name"], m["seq"]) for m in messages] == [
        (1, "Logon", 1),
        (3, "NewOrderSingle", 2),
        (4, "ExecutionReport", 2),
        (5, "ExecutionReport", 5),
    ]
    assert messages[3]["problems"] == [
        {
            "code": "sequence_gap",
            "tag": 34,
            "text": "MsgSeqNum(34) 5, expected 3: 3 to 4 missing",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--type", "D"], ["NewOrderSingle"]),
        (["--type", "newordersingle, A"], ["Logon", "NewOrderSingle"]),
        (["--session", "VENUE:DESK"], ["ExecutionReport", "ExecutionReport"]),
        (["--session", "DESK", "--type", "A"], ["Logon"]),
        (["--session", "NOBODY"], []),
        (["--problems"], ["ExecutionReport"]),
        (["--order", "A1"], ["NewOrderSingle", "ExecutionReport"]),
        (["--order", "V1"], ["NewOrderSingle", "ExecutionReport"]),
        (["--order", "V1", "--type", "8"], ["ExecutionReport"]),
    ],
)
def test_only_what_was_asked_for_is_shown(arguments, shown, tmp_path):
    path = tmp_path / "session.log"
    path.write_text(LOG)
    for source in ("-", str(path)):
        lines = decode(source, "--json", *arguments).stdout.splitlines()
        assert [json.loads(line)["name"] for line in lines] == shown


def test_a_check_tells_by_its_exit_code():
    assert decode("-", "--check").returncode == 1, "there is a gap"
    assert decode("-", "--check", "--type", "A").returncode == 0
    nothing = decode("-", "--check", log="no message\n")
    assert (nothing.returncode, nothing.stderr) == (1, "no messages\n")
    assert decode("-", log="no message\n").returncode == 0


def test_a_venues_own_dictionary_names_its_tags(tmp_path):
    path = tmp_path / "venue.xml"
    path.write_text(
        '<fix major="4" minor="4"><messages/><fields><field number="5001" name="VenueRoute" '
        'type="CHAR"><value enum="x" description="DARK_POOL"/></field></fields></fix>'
    )
    told = decode("-", "--dictionary", str(path), "--type", "D").stdout
    assert "  5001 VenueRoute       x  DarkPool" in told
    path.write_text('<fix major="4" minor="4"><messages/></fix>')
    result = decode("-", "--dictionary", str(path))
    assert result.returncode == 2
    assert "expected a section <fields>" in " ".join(result.stderr.replace("│", " ").split())


def test_what_cannot_be_read_is_named(tmp_path):
    for path in (tmp_path / "absent.log", tmp_path):
        result = decode(str(path))
        assert result.returncode == 2
        assert "Traceback" not in result.stderr
    assert decode().returncode == 2


def test_a_log_that_grows_is_told_as_it_grows():
    with subprocess.Popen([*DECODE, "-", "--json"], stdin=-1, stdout=-1, stderr=-1) as process:
        for line, name in ((LOGON, b"Logon"), (ORDER, b"NewOrderSingle")):
            process.stdin.write(f"{line}\n".encode())
            process.stdin.flush()
            assert b'"name":"%b"' % name in process.stdout.readline(), "before the log ends"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr.read() == b""


def test_who_reads_may_stop_reading(tmp_path):
    path = tmp_path / "long.log"
    path.write_text(LOG * 2_000)
    with subprocess.Popen(
        [*DECODE, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""


def test_a_terminal_without_unicode_gets_plain_lines():
    result = subprocess.run(
        [*DECODE, "-", "--type", "D"],
        input=LOG.encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    told = result.stdout.decode("ascii")
    assert "== NewOrderSingle (D)  DESK -> VENUE  #2" in told
    assert "   448 . PartyID        T7\n   447 | PartyIDSource  D" in told


def test_a_log_cannot_steer_the_terminal():
    assert printable("a\x1b[2Jb\x07\u202e") == "a\\x1b[2Jb\\x07\\u202e"
    assert printable("grüß 注文") == "grüß 注文"
    assert printable("a\x01b") == "a␁b"
    hostile = framed("35=\x1b[2J|49=\x1b]0;x\x07|56=V|34=1|58=\x1b[31m|\x1b=1")
    assert "\x1b" not in decode("-", log=f"\x1b[0m {hostile}\n").stdout
    assert "\x1b" not in decode("-", "--summary", log=f"\x1b[0m {hostile}\n").stdout


def test_colours_mark_what_matters():
    decoder = Decoder()
    order, fill, _ = decoder.feed(f"{ORDER}\n{FILL}\n{LATE}\n".encode())
    broken = Decoder().feed(ORDER.replace("|10=", "|10=9").encode() + b"\n")[0]

    def drawn(text) -> str:
        console = Console(force_terminal=True, color_system="standard", soft_wrap=True, width=80)
        with console.capture() as capture:
            console.print(text)
        return capture.get()

    assert "\x1b[1;32mExecutionReport" in drawn(in_one_line(fill, Glyphs(), "1"))
    assert "\x1b[32m  Limit\x1b[0m" in drawn(in_full(order, Glyphs(), "line 1", 80))
    assert "\x1b[33munknown tag" in drawn(in_full(order, Glyphs(), "line 1", 80))
    assert "\x1b[1;31m ✗ CheckSum(10) says" in drawn(in_full(broken, Glyphs(), "line 1", 80))


def test_the_page_shows_what_is_shown(tmp_path):
    page = (ROOT / "docs/protocols/fix-decode.md").read_text(encoding="utf-8")
    (log,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    (tmp_path / "session.log").write_text(log)
    examples = re.findall(r"```console\n\$ meridian fix decode (.*?)\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 3
    for arguments, shown in examples:
        assert decode(*arguments.split(), folder=tmp_path).stdout == shown
