"""What would break: two orders for one wish, a wish forgotten, a guess made from silence."""

from __future__ import annotations

import pytest
from kernel_core import MS, limit

from meridian.kernel import observation, reconciler
from meridian.kernel.models import AttemptStatus, Operation, ReconciliationStatus
from meridian.schema import OrderStatus, Outcome
from meridian.schema.errors import ConflictError, NotFoundError, ValidationError


def test_an_order_is_sent_once_and_then_waited_for(core):
    intent_id = core.place()
    client_id = core.send(intent_id, Operation.PLACE)
    assert core.decide(intent_id) == reconciler.Wait()
    core.answer(intent_id, client_id, Outcome.ACCEPTED)
    assert core.decide(intent_id) == reconciler.Wait()
    assert core[intent_id].status is ReconciliationStatus.ACTIVE


def test_client_order_ids_are_a_function_of_the_journal(core):
    def ids() -> list[str]:
        return [a.client_id for t in core.state.intents.values() for a in t.attempts]

    first, order_id = core.working()
    core.modify(first, limit(quantity=50))
    core.send(first, Operation.AMEND)
    core.working(limit("SELL"))
    assert ids() == ["K1-1P1.1", "K1-1A2.1", "K1-2P1.1"]
    assert order_id == "K1-1P1.1"


def test_a_refused_order_fails_with_the_venues_reason(core):
    intent_id = core.place()
    client_id = core.send(intent_id, Operation.PLACE)
    core.answer(intent_id, client_id, Outcome.REJECTED, "no credit")
    state = core[intent_id].state()
    assert (state.status, state.reason) == (ReconciliationStatus.FAILED, "no credit")
    assert core.decide(intent_id) == reconciler.Wait()
    assert core.types()[-1] == "ORDER_REJECTED"


def test_what_never_left_is_tried_again_under_a_new_id_after_a_delay(core):
    intent_id = core.place()
    first = core.send(intent_id, Operation.PLACE)
    core.answer(intent_id, first, Outcome.NOT_SENT, "reconnecting")
    assert core.decide(intent_id) == reconciler.Wait(core.now + reconciler.BACKOFF_FIRST)
    core.now += reconciler.BACKOFF_FIRST
    assert core.send(intent_id, Operation.PLACE) != first


def test_backoff_doubles_up_to_its_bound(core):
    intent_id = core.place()
    delays = []
    for _ in range(12):
        client_id = core.send(intent_id, Operation.PLACE)
        core.answer(intent_id, client_id, Outcome.NOT_SENT)
        wait = core.decide(intent_id)
        delays.append(wait.until - core.now)
        core.now = wait.until
    assert delays[:3] == [100 * MS, 200 * MS, 400 * MS]
    assert delays[-1] == reconciler.BACKOFF_MAX


def test_a_clock_set_back_does_not_put_off_the_next_attempt(core):
    core.now = 3_600_000 * MS
    intent_id = core.place()
    core.answer(intent_id, core.send(intent_id, Operation.PLACE), Outcome.NOT_SENT)
    core.now = 0
    core.send(intent_id, Operation.PLACE)


def test_attempts_are_bounded_and_then_the_intent_is_stalled(core):
    from meridian.kernel.records import RetriesGranted
    from meridian.kernel.tracked import MAX_ATTEMPTS

    intent_id = core.place()
    for _ in range(MAX_ATTEMPTS):
        client_id = core.send(intent_id, Operation.PLACE)
        core.answer(intent_id, client_id, Outcome.NOT_SENT)
        core.now += reconciler.BACKOFF_MAX
    assert core.decide(intent_id) == reconciler.Wait()
    assert core[intent_id].status is ReconciliationStatus.STALLED
    core.commit([RetriesGranted(at=core.now, intent_id=intent_id)])
    core.send(intent_id, Operation.PLACE)


class TestUnknown:
    @pytest.fixture
    def unknown(self, core):
        intent_id = core.place()
        client_id = core.send(intent_id, Operation.PLACE)
        core.answer(intent_id, client_id, Outcome.UNKNOWN, "no answer in 5 s")
        core.now += reconciler.BACKOFF_MAX
        return intent_id, client_id

    def test_it_is_asked_about_and_never_sent_again_by_itself(self, core, unknown):
        intent_id, client_id = unknown
        for _ in range(50):
            assert core.decide(intent_id) == reconciler.Ask(intent_id, client_id)
            core.now += reconciler.BACKOFF_MAX
        assert core[intent_id].status is ReconciliationStatus.UNKNOWN

    def test_it_counts_as_live_for_exposure(self, core, unknown):
        assert core[unknown[0]].state().leaves_quantity == 100

    def test_a_cancel_waits_for_the_answer(self, core, unknown):
        intent_id, client_id = unknown
        core.cancel(intent_id)
        assert core.decide(intent_id) == reconciler.Ask(intent_id, client_id)

    def test_the_venue_knows_it_so_it_was_accepted(self, core, unknown):
        intent_id, client_id = unknown
        core.report(client_id, OrderStatus.NEW, queried=True)
        assert core[intent_id].status is ReconciliationStatus.ACTIVE
        assert core[intent_id].attempts[0].evidence == "query"

    def test_the_venue_refused_it(self, core, unknown):
        intent_id, client_id = unknown
        core.report(client_id, OrderStatus.REJECTED, queried=True, reason="closed")
        assert core[intent_id].status is ReconciliationStatus.FAILED

    def test_a_fill_is_evidence_that_it_arrived(self, core, unknown):
        intent_id, client_id = unknown
        core.fill(client_id, 40)
        assert core[intent_id].attempts[0].status is AttemptStatus.ACKED
        assert core[intent_id].status is ReconciliationStatus.ACTIVE

    def test_proof_of_absence_allows_another_attempt_with_another_id(self, core, unknown):
        intent_id, client_id = unknown
        core.never_seen(intent_id)
        assert core[intent_id].attempts[0].status is AttemptStatus.ABSENT
        core.now += reconciler.BACKOFF_MAX
        again = core.send(intent_id, Operation.PLACE)
        assert again not in (client_id,)

    def test_proof_of_absence_and_a_cancel_close_the_intent_unsent(self, core, unknown):
        intent_id, _ = unknown
        core.cancel(intent_id)
        core.never_seen(intent_id)
        core.now += reconciler.BACKOFF_MAX
        assert isinstance(core.step(intent_id), reconciler.Conclude)
        assert core[intent_id].status is ReconciliationStatus.CANCELED

    def test_a_restart_makes_sent_requests_unknown(self, core):
        intent_id = core.place()
        client_id = core.send(intent_id, Operation.PLACE)
        core.commit(observation.restarted(core.state, core.now))
        assert core[intent_id].status is ReconciliationStatus.UNKNOWN
        assert core.decide(intent_id) == reconciler.Ask(intent_id, client_id)

    def test_never_seen_is_no_answer_for_an_acknowledged_order(self, core):
        intent_id, client_id = core.working()
        core.cancel(intent_id)
        cancel_id = core.send(intent_id, Operation.CANCEL)
        core.answer(intent_id, cancel_id, Outcome.UNKNOWN)
        before = len(core.log)
        core.never_seen(intent_id)
        assert len(core.log) == before
        assert core.decide(intent_id) == reconciler.Ask(intent_id, client_id)

    def test_an_unknown_cancel_that_did_not_happen_is_sent_again(self, core):
        intent_id, client_id = core.working()
        core.cancel(intent_id)
        first = core.send(intent_id, Operation.CANCEL)
        core.answer(intent_id, first, Outcome.UNKNOWN)
        core.report(client_id, OrderStatus.NEW, queried=True)
        core.now += reconciler.BACKOFF_MAX
        assert core.send(intent_id, Operation.CANCEL) != first

    @pytest.mark.parametrize("operation", [Operation.CANCEL, Operation.AMEND])
    def test_an_answer_that_may_be_older_than_the_request_settles_nothing(self, core, operation):
        intent_id, order_id = core.working()
        if operation is Operation.CANCEL:
            core.cancel(intent_id)
        else:
            core.modify(intent_id, limit(quantity=200))
        core.answer(intent_id, core.send(intent_id, operation), Outcome.UNKNOWN)
        core.report(order_id, OrderStatus.NEW, queried=True, conclusive=False)
        assert core[intent_id].status is ReconciliationStatus.UNKNOWN
        core.report(order_id, OrderStatus.NEW, queried=True)
        assert core[intent_id].status is not ReconciliationStatus.UNKNOWN

    def test_a_late_report_of_the_same_terms_is_not_the_answer_to_an_amend(self, core):
        intent_id, order_id = core.working()
        core.modify(intent_id, limit(price="11.00"))
        core.answer(intent_id, core.send(intent_id, Operation.AMEND), Outcome.ACCEPTED)
        core.modify(intent_id, limit(price="10.00"))
        client_id = core.send(intent_id, Operation.AMEND)
        core.answer(intent_id, client_id, Outcome.UNKNOWN)
        core.report(order_id, OrderStatus.NEW, price="10.00")
        assert core[intent_id].status is ReconciliationStatus.UNKNOWN
        core.report(order_id, OrderStatus.NEW, price="10.00", request_id=client_id)
        assert core[intent_id].status is ReconciliationStatus.ACTIVE

    @pytest.mark.parametrize(("quantity", "again"), [(60, False), (100, True)])
    def test_an_unknown_amend_is_settled_by_the_terms_the_venue_works(self, core, quantity, again):
        intent_id, client_id = core.working()
        core.modify(intent_id, limit(quantity=60))
        first = core.send(intent_id, Operation.AMEND)
        core.answer(intent_id, first, Outcome.UNKNOWN)
        assert core[intent_id].leaves == 100, "both sets of terms are possible"
        core.report(client_id, OrderStatus.NEW, quantity=quantity, queried=True)
        core.now += reconciler.BACKOFF_MAX
        if again:
            core.send(intent_id, Operation.AMEND)
        else:
            assert core[intent_id].status is ReconciliationStatus.ACTIVE
            assert core[intent_id].leaves == 60


class TestCancel:
    def test_before_sending_it_closes_without_a_byte(self, core):
        intent_id = core.place()
        core.cancel(intent_id)
        assert isinstance(core.step(intent_id), reconciler.Conclude)
        assert core[intent_id].status is ReconciliationStatus.CANCELED
        assert core[intent_id].attempts == []

    def test_while_the_order_is_unacknowledged_it_waits_and_then_cancels(self, core):
        intent_id = core.place()
        client_id = core.send(intent_id, Operation.PLACE)
        core.cancel(intent_id)
        assert core.decide(intent_id) == reconciler.Wait()
        core.answer(intent_id, client_id, Outcome.ACCEPTED)
        core.send(intent_id, Operation.CANCEL)

    def test_an_acknowledged_request_is_not_a_cancel(self, core):
        intent_id, client_id = core.working()
        core.cancel(intent_id)
        cancel_id = core.send(intent_id, Operation.CANCEL)
        core.answer(intent_id, cancel_id, Outcome.ACCEPTED)
        assert core[intent_id].status is ReconciliationStatus.RECONCILING
        core.report(client_id, OrderStatus.CANCELLED)
        assert core[intent_id].status is ReconciliationStatus.CANCELED

    def test_a_refused_cancel_says_nothing_certain_so_the_venue_is_asked(self, core):
        intent_id, client_id = core.working()
        core.cancel(intent_id)
        cancel_id = core.send(intent_id, Operation.CANCEL)
        core.answer(intent_id, cancel_id, Outcome.REJECTED, "too late to cancel")
        core.now += reconciler.BACKOFF_MAX
        assert core.decide(intent_id) == reconciler.Ask(intent_id, client_id)
        core.fill(client_id, 100)
        core.report(client_id, OrderStatus.FILLED, 100, queried=True)
        assert core[intent_id].status is ReconciliationStatus.COMPLETED

    def test_a_refused_cancel_of_a_live_order_is_repeated(self, core):
        intent_id, client_id = core.working()
        core.cancel(intent_id)
        first = core.send(intent_id, Operation.CANCEL)
        core.answer(intent_id, first, Outcome.REJECTED, "unknown order")
        core.report(client_id, OrderStatus.NEW, queried=True)
        core.now += reconciler.BACKOFF_MAX
        assert core.send(intent_id, Operation.CANCEL) != first

    def test_twice_is_once(self, core):
        intent_id, _ = core.working()
        core.cancel(intent_id)
        records = len(core.log)
        core.cancel(intent_id)
        assert len(core.log) == records

    def test_no_place_leaves_after_a_cancel(self, core):
        intent_id = core.place()
        client_id = core.send(intent_id, Operation.PLACE)
        core.answer(intent_id, client_id, Outcome.NOT_SENT)
        core.cancel(intent_id)
        core.now += reconciler.BACKOFF_MAX
        assert isinstance(core.decide(intent_id), reconciler.Conclude)


class TestEnd:
    """An order's end settles every request on it: nothing stays unknown for ever."""

    def test_a_cancel_unknown_when_the_order_filled_did_not_take_effect(self, core):
        intent_id, client_id = core.working()
        core.cancel(intent_id)
        cancel_id = core.send(intent_id, Operation.CANCEL)
        core.answer(intent_id, cancel_id, Outcome.UNKNOWN)
        core.fill(client_id, 100)
        assert isinstance(core.step(intent_id), reconciler.Conclude)
        assert core[intent_id].attempts[-1].status is AttemptStatus.ABSENT
        assert core.decide(intent_id) == reconciler.Wait()

    def test_also_where_the_kernel_stopped_before_its_answer(self, core):
        intent_id, client_id = core.working()
        core.cancel(intent_id)
        core.send(intent_id, Operation.CANCEL)
        core.report(client_id, OrderStatus.CANCELLED)
        core.commit(observation.restarted(core.state, core.now))
        assert isinstance(core.step(intent_id), reconciler.Conclude)
        assert core[intent_id].attempts[-1].status is AttemptStatus.ACKED
        assert core[intent_id].status is ReconciliationStatus.CANCELED


class TestModify:
    def test_the_newest_wish_wins_and_older_ones_are_never_sent(self, core):
        intent_id, _ = core.working()
        for quantity in (90, 80, 70):
            core.modify(intent_id, limit(quantity=quantity))
        step = core.step(intent_id)
        assert step.record.order.quantity == 70
        assert step.record.generation == 4

    def test_back_to_what_the_venue_works_needs_no_request(self, core):
        intent_id, _ = core.working()
        core.modify(intent_id, limit(quantity=90))
        core.modify(intent_id, limit(quantity=100))
        assert isinstance(core.step(intent_id), reconciler.Conclude)
        assert core[intent_id].status is ReconciliationStatus.ACTIVE

    def test_a_refused_amend_leaves_the_order_and_is_not_repeated(self, core):
        intent_id, client_id = core.working()
        core.modify(intent_id, limit(quantity=90))
        amend = core.send(intent_id, Operation.AMEND)
        core.answer(intent_id, amend, Outcome.REJECTED, "not allowed")
        core.now += reconciler.BACKOFF_MAX
        assert core.decide(intent_id) == reconciler.Ask(intent_id, client_id)
        core.report(client_id, OrderStatus.NEW, queried=True)
        core.now += reconciler.BACKOFF_MAX
        assert core.decide(intent_id) == reconciler.Wait()
        state = core[intent_id].state()
        assert (state.generation, state.observed_generation) == (2, 1)
        assert state.reason == "not allowed"
        assert "MODIFY_REJECTED" in core.types()

    def test_a_total_at_or_below_what_executed_cancels_the_rest(self, core):
        intent_id, client_id = core.working()
        core.fill(client_id, 40)
        core.modify(intent_id, limit(quantity=40))
        core.send(intent_id, Operation.CANCEL)

    def test_before_sending_it_changes_what_is_sent(self, core):
        intent_id = core.place()
        core.modify(intent_id, limit(price="9.99"))
        step = core.step(intent_id)
        assert step.record.operation is Operation.PLACE
        assert str(step.order.price) == "9.99"

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"symbol": "MSFT"}, "symbol_id from AAPL to MSFT"),
            ({"side": "SELL"}, "side from BUY to SELL"),
            ({"time_in_force": "IOC"}, "time_in_force from DAY to IOC"),
            ({"price": "10.005"}, "price 10.005 is not a multiple of 0.01"),
            ({"quantity": "0.5"}, "quantity 0.5 is below the minimum 1"),
        ],
    )
    def test_what_it_cannot_change_is_said_and_nothing_stored(self, core, change, said):
        intent_id, _ = core.working()
        before = len(core.log)
        with pytest.raises(ValidationError, match=said):
            core.modify(intent_id, limit(**change))
        assert len(core.log) == before

    def test_a_lost_race_is_a_conflict(self, core):
        intent_id, _ = core.working()
        core.modify(intent_id, limit(quantity=90), if_generation=1)
        with pytest.raises(ConflictError, match="generation 2, not 1"):
            core.modify(intent_id, limit(quantity=80), if_generation=1)

    def test_a_finished_intent_refuses(self, core):
        intent_id, client_id = core.working()
        core.fill(client_id, 100)
        with pytest.raises(ValidationError, match="finished: COMPLETED"):
            core.modify(intent_id, limit(quantity=200))

    def test_an_unknown_intent_is_named(self, core):
        with pytest.raises(NotFoundError, match="'nope'"):
            core.modify("nope", limit())
