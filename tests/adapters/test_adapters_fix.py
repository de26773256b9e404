"""The FIX plugin against a venue that a test scripts message by message, over TCP.

What the venue daemon never does, others do: late answers, refusals by the session, reports that
cannot be read, reports of orders nobody sent.
"""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, contextmanager

import pytest
from fix_desks import BRIEF, LIMIT, Desk

from meridian.adapters.fix.pending import MAX_PARTS, MAX_PENDING, MAX_REMEMBERED, Pending
from meridian.ccm import OrderState
from meridian.fix import MemoryMessageStore, Session, SessionConfig
from meridian.fix.events import Disconnected, MessageReceived
from meridian.net.fix_acceptor import FixAcceptor
from meridian.schema import OrderChanges, OrderStatus, Outcome, SessionStatus
from meridian.schema.errors import OutcomeUnknown, SessionDegradedError
from meridian.services.clock import wall_clock
from meridian.store.database import Database
from meridian.store.tables import METADATA

SPEED = "60=20260102-10:00:00.000"
NEW = f"37=V1|11=O1|17=E1|150=0|39=0|55=AAPL|54=1|38=100|44=150|151=100|14=0|6=0|{SPEED}"
PART = (
    "37=V1|11=O1|17=E2|150=F|39=1|55=AAPL|54=1|38=100|44=150|31=150|32=30|151=70|14=30|6=150|"
    f"{SPEED}"
)


class Script:
    """An acceptor for TRADER that says what a test tells it to."""

    def __init__(self):
        config = SessionConfig("MERIDIAN", "TRADER", initiator=False)
        self.session = Session(config, MemoryMessageStore())
        self.heard = asyncio.Queue()
        self.gone = asyncio.Event()
        self.acceptor = FixAcceptor(
            "127.0.0.1", 0, {"TRADER": self.session}, self._on_event, wall_clock, lambda note: None
        )

    def _on_event(self, key, event):
        if isinstance(event, MessageReceived):
            self.heard.put_nowait(event.message)
        elif isinstance(event, Disconnected):
            self.gone.set()

    async def hears(self, msg_type):
        async with asyncio.timeout(LIMIT):
            message = await self.heard.get()
        assert message.msg_type == msg_type
        return message

    def says(self, msg_type, body):
        fields = [
            (int(tag), value) for tag, _, value in (f.partition("=") for f in body.split("|"))
        ]
        self.acceptor.send("TRADER", msg_type, fields)

    def refuses(self, message, text):
        self.acceptor.reject("TRADER", message, 5, 54, text)


@asynccontextmanager
async def scripted(**fields):
    script = Script()
    _, port = await script.acceptor.start()
    trader = Desk(port, **({"fix": BRIEF} | fields))
    await trader.sidecar.start()
    try:
        yield script, trader
    finally:
        await trader.sidecar.stop()
        trader.database.close()
        await script.acceptor.stop()


@asynccontextmanager
async def working(**fields):
    """Order O1 is at the venue."""
    async with scripted(**fields) as (script, trader):
        submitting = asyncio.create_task(trader.submit("O1"))
        await script.hears("D")
        script.says("8", NEW)
        assert (await submitting).outcome is Outcome.ACCEPTED
        yield script, trader


# --- what goes out --------------------------------------------------------------------------


async def test_requests_say_what_fix_prescribes():
    async with working() as (script, trader):
        for request, expected in (
            (
                trader.sidecar.modify("O1", OrderChanges(request_id="R1", quantity=50, price=151)),
                "35=G|41=O1|37=V1|11=R1|55=AAPL|54=1|38=50|40=2|44=151|59=0",
            ),
            (
                trader.sidecar.cancel("O1", "R2"),
                "35=F|41=O1|37=V1|11=R2|55=AAPL|54=1|38=100",
            ),
            (trader.sidecar.query_order("O1"), "35=H|37=V1|11=O1|55=AAPL|54=1"),
        ):
            asking = asyncio.create_task(request)
            msg_type = expected[3]
            message = await script.hears(msg_type)
            header = (8, 9, 34, 49, 52, 56, 60, 790, 10)
            said = [f"{tag}={text}" for tag, text in message.pairs() if tag not in header]
            assert "|".join(said) == expected
            await asyncio.gather(asking, return_exceptions=True)


async def test_what_fix_cannot_carry_is_refused_before_it_is_sent():
    async with scripted() as (script, trader):
        ack = await trader.submit("O\x01=1")
        assert ack.outcome is Outcome.REJECTED
        assert "cannot be written as FIX" in ack.reason
        assert script.heard.empty()


# --- answers to a submit --------------------------------------------------------------------


async def test_a_fill_before_the_acknowledgement_is_the_acknowledgement():
    async with scripted() as (script, trader):
        submitting = asyncio.create_task(trader.submit("O1"))
        await script.hears("D")
        script.says("8", PART)
        assert (await submitting).outcome is Outcome.ACCEPTED
        assert [fill.trade_id for fill in trader.fills] == ["E2"]


async def test_an_acknowledgement_after_the_time_limit_is_told_as_a_report():
    async with scripted() as (script, trader):
        ack = await trader.submit("O1")
        assert ack.outcome is Outcome.UNKNOWN
        script.says("8", NEW)
        await trader.until(lambda: trader.reports("O1"))
        assert trader.reports("O1")[0].status is OrderStatus.NEW


@pytest.mark.parametrize("by_session", [True, False])
async def test_a_message_the_venue_refuses_to_read_is_a_definitive_refusal(by_session):
    async with scripted() as (script, trader):
        submitting = asyncio.create_task(trader.submit("O1"))
        message = await script.hears("D")
        if by_session:
            script.refuses(message, "Side is wrong")
        else:
            script.says("j", f"45={message.seq_num}|372=D|380=3|58=Side is wrong")
        ack = await submitting
        assert (ack.outcome, ack.reason) == (Outcome.REJECTED, "Side is wrong")
        assert trader.reports("O1")[-1].status is OrderStatus.REJECTED


async def test_a_pending_report_is_no_answer_yet():
    async with scripted() as (script, trader):
        submitting = asyncio.create_task(trader.submit("O1"))
        await script.hears("D")
        script.says("8", NEW.replace("150=0|39=0", "150=A|39=A"))
        await trader.until(lambda: trader.reports("O1"))
        assert not submitting.done()
        script.says("8", NEW)
        assert (await submitting).outcome is Outcome.ACCEPTED


# --- answers to other requests --------------------------------------------------------------


async def test_a_fill_that_crosses_a_cancel_does_not_answer_it():
    async with working() as (script, trader):
        cancelling = asyncio.create_task(trader.sidecar.cancel("O1", "R1"))
        await script.hears("F")
        script.says("8", PART)
        await trader.until(lambda: trader.fills)
        assert not cancelling.done()
        script.says("9", "37=V1|11=R1|41=O1|39=2|434=1|102=0")
        ack = await cancelling
        assert (ack.outcome, ack.reason) == (Outcome.REJECTED, "102=0")


async def test_a_pending_cancel_acknowledges_the_request():
    async with working() as (script, trader):
        cancelling = asyncio.create_task(trader.sidecar.cancel("O1", "R1"))
        await script.hears("F")
        script.says("8", NEW.replace("11=O1|17=E1|150=0|39=0", "11=R1|41=O1|17=E3|150=6|39=6"))
        assert (await cancelling).outcome is Outcome.ACCEPTED
        assert trader.reports("O1")[-1].status is OrderStatus.NEW
        assert trader.sidecar.order_record("O1").state is OrderState.OPEN


async def test_an_unsolicited_cancel_answers_no_request():
    async with working() as (script, trader):
        changing = asyncio.create_task(
            trader.sidecar.modify("O1", OrderChanges(request_id="R1", quantity=100, price=151))
        )
        await script.hears("G")
        replaced = NEW.replace("11=O1|17=E1|150=0", "11=R1|41=O1|17=E3|150=5")
        script.says("8", replaced)
        assert (await changing).outcome is Outcome.ACCEPTED
        script.says("8", replaced.replace("150=5|39=0", "150=4|39=4").replace("E3", "E4"))
        await trader.until(lambda: trader.reports("O1")[-1].status is OrderStatus.CANCELLED)
        assert [report.request_id for report in trader.reports("O1")] == [None, "R1", None]


async def test_a_status_answer_that_comes_too_late_is_not_taken_for_another():
    async with working() as (script, trader):
        with pytest.raises(OutcomeUnknown):
            await trader.sidecar.query_order("O1")
        late = await script.hears("H")
        asking = asyncio.create_task(trader.sidecar.query_order("O1"))
        await script.hears("H")
        script.says("8", NEW.replace("150=0", "150=I") + f"|790={late.get(790)}")
        with pytest.raises(OutcomeUnknown):
            await asking


async def test_instruments_come_in_fragments():
    async with scripted() as (script, trader):
        asking = asyncio.create_task(trader.sidecar.list_instruments())
        key = (await script.hears("x")).get(320)
        for symbol, last in (("A", "N"), ("B", "Y")):
            script.says(
                "y",
                f"320={key}|322=1|560=0|893={last}|146=1|55={symbol}|15=USD|561=1|562=1|969=0.01",
            )
        assert [symbol.symbol_id for symbol in await asking] == ["A", "B"]


# --- what is told without being asked -------------------------------------------------------


async def test_a_repeated_execution_is_told_once():
    async with working() as (script, trader):
        script.says("8", PART)
        script.says("8", PART + "|97=Y")
        script.says("8", PART.replace("E2", "E3").replace("14=30", "14=60"))
        await trader.until(lambda: len(trader.fills) == 2)
        assert [fill.trade_id for fill in trader.fills] == ["E2", "E3"]
        assert trader.sidecar.counters["fill_duplicates"] == 1


async def test_a_fill_of_an_order_nobody_sent_here_is_told_as_external():
    async with scripted() as (script, trader):
        script.says("8", PART.replace("11=O1", "11=by-phone"))
        await trader.until(lambda: trader.fills)
        (fill,) = trader.fills
        assert (fill.order_id, fill.security_id, fill.flags) == ("by-phone", "AAPL", ("external",))


async def test_a_buy_to_cover_is_told_as_one():
    async with scripted() as (script, trader):
        submitting = asyncio.create_task(trader.submit("O1", "BUY_TO_COVER"))
        assert (await script.hears("D")).get(54) == "1"
        script.says("8", PART)
        await submitting
        assert trader.fills[0].side == "BUY_TO_COVER"


@pytest.mark.parametrize(
    "broken",
    [
        PART.replace("31=150|", ""),
        PART.replace("31=150", "31=abc"),
        PART.replace("32=30", "32=0"),
        PART.replace("39=1", "39=?"),
        PART.replace("54=1", "54=Z"),
        PART.replace("150=F|", ""),
        "37=V1|150=F",
    ],
)
async def test_a_report_that_cannot_be_read_does_not_end_the_session(broken, capsys):
    async with working() as (script, trader):
        script.says("8", broken)
        script.says("8", PART.replace("E2", "E9"))
        await trader.until(lambda: [fill for fill in trader.fills if fill.trade_id == "E9"])
        assert trader.sidecar.status is SessionStatus.CONNECTED
        assert "message_unreadable" in capsys.readouterr().out


# --- what was not taken comes again ---------------------------------------------------------


class FlakyDisk(Database):
    """A database that fails for a moment."""

    failures = 0

    @contextmanager
    def transaction(self):
        if self.failures:
            self.failures -= 1
            raise sqlite3.OperationalError("disk I/O error")
        with super().transaction() as connection:
            yield connection


async def test_a_fill_that_could_not_be_stored_comes_again():
    """Acknowledging what is not on disk would lose the fill for ever."""
    database = FlakyDisk(":memory:", METADATA)
    async with working(database=database) as (script, trader):
        script.gone.clear()
        database.failures = 1
        script.says("8", PART)
        script.says("8", PART.replace("E2", "E3").replace("14=30", "14=60"))
        await script.gone.wait()
        await trader.until(lambda: trader.sidecar.status is SessionStatus.CONNECTED)
        assert [fill.trade_id for fill in trader.fills] == ["E2", "E3"]


async def test_the_link_comes_back_after_a_disk_that_failed_for_long():
    database = FlakyDisk(":memory:", METADATA)
    async with working(database=database) as (script, trader):
        script.gone.clear()
        database.failures = 8
        script.says("8", PART)
        await script.gone.wait()
        await trader.until(lambda: database.failures == 0 and trader.fills)
        await trader.until(lambda: trader.sidecar.status is SessionStatus.CONNECTED)


# --- bounds ---------------------------------------------------------------------------------


async def test_requests_without_an_answer_are_bounded():
    pending = Pending()
    waiting = [pending.waiting(str(number)) for number in range(MAX_PENDING)]
    waiters = [context.__enter__() for context in waiting]
    with pytest.raises(SessionDegradedError, match=str(MAX_PENDING)), pending.waiting("more"):
        pass
    pending.fail_all("link lost")
    for context, waiter in zip(waiting, waiters, strict=True):
        with pytest.raises(OutcomeUnknown, match="link lost"):
            await waiter.future
        context.__exit__(None, None, None)
    assert len(pending) == 0


async def test_a_request_waits_once():
    pending = Pending()
    with (
        pending.waiting("R1"),
        pytest.raises(OutcomeUnknown, match="R1 is already under way"),
        pending.waiting("R1"),
    ):
        pass


async def test_an_endless_answer_is_given_up():
    pending = Pending()
    with pending.waiting("AF1") as waiter:
        for _ in range(MAX_PARTS):
            pending.collect(waiter, None, last=False)
        with pytest.raises(OutcomeUnknown, match=f"more than {MAX_PARTS} parts"):
            await waiter.future
        assert pending.find("AF1") is None


def test_sent_requests_are_forgotten_from_the_oldest():
    pending = Pending()
    for seq in range(1, MAX_REMEMBERED + 2):
        pending.remember(seq, f"K{seq}", "D")
    assert pending.sent_as(1) is None
    assert pending.sent_as(2) == ("K2", "D")
