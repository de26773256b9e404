"""Any order of calls, answers, reports, fills and restarts keeps the kernel's promises."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from kernel_core import Core, limit

from meridian.kernel import observation, reconciler
from meridian.kernel.models import AttemptStatus, Operation
from meridian.kernel.state import KernelState
from meridian.schema import OcoMode, OrderStatus, Outcome, StandardOrderGroup


class Machine(RuleBasedStateMachine):
    intents = Bundle("intents")
    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        self.sent: dict[str, str] = {}

    @rule(target=intents, quantity=st.integers(1, 50))
    def place(self, quantity):
        return self.core.place(limit(quantity=quantity))

    @rule(target=intents, mode=st.sampled_from(OcoMode))
    def group(self, mode):
        return self.core.group(
            StandardOrderGroup(orders=[limit(quantity=10), limit(quantity=20)], mode=mode)
        )[0]

    @rule(intent_id=intents, quantity=st.integers(1, 50))
    def modify(self, intent_id, quantity):
        tracked = self.core[intent_id]
        if tracked.closed is None and tracked.intent.desired == "WORKING":
            self.core.modify(intent_id, limit(quantity=quantity))

    @rule(intent_id=intents)
    def cancel(self, intent_id):
        self.core.cancel(intent_id)

    @rule(target=requests, intent_id=intents)
    def step(self, intent_id):
        self.core.now += reconciler.BACKOFF_MAX
        before = {a.client_id: a.status for a in self.core[intent_id].attempts}
        step = self.core.step(intent_id)
        if isinstance(step, reconciler.Send):
            assert not any(status.open for status in before.values()), "two at once"
            assert step.record.client_id not in self.sent, "id used again"
            self.sent[step.record.client_id] = intent_id
            return intent_id, step.record.client_id
        return None

    @rule(request=consumes(requests), outcome=st.sampled_from(Outcome))
    def answer(self, request, outcome):
        if request is not None:
            self.core.answer(*request, outcome, "because")

    @rule(
        intent_id=intents,
        status=st.sampled_from(OrderStatus),
        cum=st.integers(0, 50),
        queried=st.booleans(),
    )
    def report(self, intent_id, status, cum, queried):
        order_id = self.core[intent_id].order_id
        if order_id is not None:
            self.core.report(order_id, status, cum, quantity=50, queried=queried)

    @rule(intent_id=intents, trade=st.integers(1, 9), quantity=st.integers(1, 20))
    def fill(self, intent_id, trade, quantity):
        order_id = self.core[intent_id].order_id
        if order_id is not None:
            self.core.fill(order_id, quantity, trade_id=f"T{trade}")

    @rule(intent_id=intents)
    def never_seen(self, intent_id):
        self.core.never_seen(intent_id)

    @rule()
    def restart(self):
        self.core.commit(observation.restarted(self.core.state, self.core.now))

    @invariant()
    def at_most_one_request_is_open_and_one_order_possibly_live(self):
        for tracked in self.core.state.intents.values():
            assert len(tracked.unresolved) <= 1
            places = [a for a in tracked.attempts if a.operation is Operation.PLACE]
            for place in places[:-1]:
                assert place.status in (AttemptStatus.ABSENT, AttemptStatus.NOT_SENT)

    @invariant()
    def filled_is_the_sum_of_distinct_trades(self):
        state = self.core.state
        for intent_id, tracked in state.intents.items():
            trades = {
                r.fill.trade_id: r.fill.quantity
                for r in self.core.log
                if r.kind == "fill_applied" and r.intent_id == intent_id
            }
            assert tracked.filled == sum(trades.values())

    @invariant()
    def generations_only_grow(self):
        for tracked in self.core.state.intents.values():
            assert tracked.observed_generation <= tracked.intent.generation

    @invariant()
    def events_have_no_gaps(self):
        assert [e.seq for e in self.core.events] == list(range(1, len(self.core.events) + 1))

    @invariant()
    def finished_intents_are_not_open(self):
        state = self.core.state
        assert all(tracked.closed is None for tracked in state.open.values())
        assert all(
            tracked.closed is not None or intent_id in state.open
            for intent_id, tracked in state.intents.items()
        )

    def teardown(self):
        """The fold of the journal is the state that was held in memory."""
        again = KernelState("K1")
        events = [event for record in self.core.log for event in again.apply(record)]
        assert again == self.core.state
        assert events == self.core.events


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestKernelInvariants = Machine.TestCase
