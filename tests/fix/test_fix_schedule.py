"""Hours of a session: when it is open, and where one run of numbers ends."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from fix_wire import SECOND, Desk

from meridian.fix.schedule import Schedule
from meridian.schema.errors import ConfigError

NEW_YORK = ZoneInfo("America/New_York")
HOUR = 3_600 * SECOND


def ns(text, zone=UTC):
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * SECOND


def hours(schedule, text, zone=UTC):
    """The period of a moment, in local time."""
    begin, end = schedule.period(ns(text, zone))
    local = [datetime.fromtimestamp(at // SECOND, zone) for at in (begin, end)]
    return [f"{at:%a %d %H:%M}" for at in local]


def test_a_day_runs_from_start_to_end():
    schedule = Schedule(time(8), time(17))
    assert hours(schedule, "2023-11-14 12:00") == ["Tue 14 08:00", "Tue 14 17:00"]
    assert [schedule.is_open(ns(f"2023-11-14 {at}")) for at in ("07:59", "08:00", "17:00")] == [
        False,
        True,
        False,
    ]


def test_what_comes_after_the_end_belongs_to_the_next_day():
    assert hours(Schedule(time(8), time(17)), "2023-11-14 17:00") == [
        "Wed 15 08:00",
        "Wed 15 17:00",
    ]


def test_an_end_before_the_start_is_on_the_next_day():
    schedule = Schedule(time(17), time(16, 30))
    assert hours(schedule, "2023-11-14 03:00") == ["Mon 13 17:00", "Tue 14 16:30"]
    assert not schedule.is_open(ns("2023-11-14 16:45"))


def test_equal_times_are_the_whole_day_and_start_anew_each_day():
    schedule = Schedule(time(0), time(0))
    assert hours(schedule, "2023-11-14 23:59") == ["Tue 14 00:00", "Wed 15 00:00"]
    assert schedule.is_open(ns("2023-11-14 00:00"))


def test_days_that_are_not_named_are_closed():
    weekdays = Schedule(time(8), time(17), days=frozenset(range(5)))
    assert hours(weekdays, "2023-11-18 12:00") == ["Mon 20 08:00", "Mon 20 17:00"]


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        ("2023-11-12 18:00", ["Sun 12 17:00", "Fri 17 16:00"]),
        ("2023-11-15 00:00", ["Sun 12 17:00", "Fri 17 16:00"]),
        ("2023-11-17 16:00", ["Sun 19 17:00", "Fri 24 16:00"]),
        ("2023-11-19 16:59", ["Sun 19 17:00", "Fri 24 16:00"]),
    ],
)
def test_a_week_runs_from_day_to_day(moment, period):
    week = Schedule(time(17), time(16), NEW_YORK, start_day=6, end_day=4)
    assert hours(week, moment, NEW_YORK) == period


def test_a_week_may_end_on_the_day_it_began():
    week = Schedule(time(17), time(17), start_day=6, end_day=6)
    assert hours(week, "2023-11-14 00:00") == ["Sun 12 17:00", "Sun 19 17:00"]


def test_local_hours_follow_the_clock_change():
    schedule = Schedule(time(17), time(16), NEW_YORK)
    begin, end = schedule.period(ns("2023-11-05 00:00", NEW_YORK))
    assert end - begin == 24 * HOUR
    begin, end = schedule.period(ns("2024-03-10 00:00", NEW_YORK))
    assert end - begin == 22 * HOUR


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": frozenset()},
        {"days": frozenset({7})},
        {"start_day": 1},
        {"start_day": 0, "end_day": 9},
    ],
)
def test_a_schedule_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match="schedule: "):
        Schedule(time(8), time(17), **wrong)


# The session keeps to it; the desk's clock starts at 22:13:20 UTC

EVENING = Schedule(time(20), time(23), timezone(timedelta(0)))


def test_nobody_logs_on_outside_the_hours():
    desk = Desk(schedule=EVENING)
    desk.now += 2 * HOUR
    desk.session.connected(desk.now)
    assert desk.says("35=A|34=1|98=0|108=30") == []
    assert desk.session.close_expected


def test_an_initiator_says_nothing_outside_the_hours():
    desk = Desk(initiator=True, schedule=EVENING)
    desk.now += 2 * HOUR
    desk.session.connected(desk.now)
    assert desk.hears() == []
    assert desk.session.close_expected


def test_the_end_of_a_period_logs_out_and_the_next_one_starts_from_one():
    desk = Desk(schedule=EVENING).logged_on(heart_bt_int=0)
    desk.session.send("8", [(37, "today")], desk.now)
    desk.hears()
    assert desk.session.next_deadline() == ns("2023-11-14 23:00")
    desk.now = ns("2023-11-14 23:00")
    desk.session.poll(desk.now)
    assert desk.hears() == ["35=5|34=3|58=end of session"]
    desk.says("35=5|34=2")
    desk.session.receive_eof(desk.now)
    desk.now = ns("2023-11-15 20:00")
    desk.session.connected(desk.now)
    assert desk.says("35=A|34=1|98=0|108=30") == ["35=A|34=1|98=0|108=30"]
    assert desk.store.messages(1, 9) == []


def test_a_connection_lost_within_a_period_keeps_its_numbers():
    desk = Desk(schedule=EVENING).logged_on()
    desk.reconnects()
    assert desk.says("35=A|34=2|98=0|108=30") == ["35=A|34=2|98=0|108=30"]


def test_a_restart_knows_which_period_the_numbers_are_of():
    first = Desk(schedule=EVENING).logged_on()
    first.session.commit()
    second = Desk(schedule=EVENING, store=first.store)
    second.session.connected(second.now)
    assert second.says("35=A|34=2|98=0|108=30") == ["35=A|34=2|98=0|108=30"]
    second.session.commit()
    third = Desk(schedule=EVENING, store=first.store)
    third.now += 24 * HOUR
    third.session.connected(third.now)
    assert third.says("35=A|34=1|98=0|108=30") == ["35=A|34=1|98=0|108=30"]


def test_what_is_sent_between_two_periods_belongs_to_the_coming_one():
    desk = Desk(schedule=EVENING).logged_on()
    desk.session.receive_eof(desk.now)
    desk.now = ns("2023-11-15 12:00")
    assert desk.session.send("8", [(37, "tomorrow")], desk.now) == 1
    desk.now = ns("2023-11-15 20:00")
    desk.session.connected(desk.now)
    assert desk.says("35=A|34=1|98=0|108=30") == ["35=A|34=2|98=0|108=30"]
    assert desk.says("35=2|34=2|7=1|16=1")[0].endswith("37=tomorrow")


def test_a_disconnected_session_starts_over_as_time_passes():
    desk = Desk(schedule=EVENING).logged_on()
    desk.session.receive_eof(desk.now)
    desk.wait(24 * 3_600)
    assert desk.session.next_numbers == (1, 1)


def test_a_clock_that_is_set_back_starts_nothing_over():
    first = Desk(schedule=Schedule(time(0), time(0)))
    first.now = ns("2023-11-15 00:00")
    first.logged_on()
    first.session.commit()
    # Started again a second before midnight, by a clock that has been set right.
    again = Desk(schedule=Schedule(time(0), time(0)), store=first.store)
    again.now = first.now - SECOND
    again.session.connected(again.now)
    assert again.says("35=A|34=2|98=0|108=30") == ["35=A|34=2|98=0|108=30"]


def test_numbers_of_a_week_long_gone_start_over():
    week = Schedule(time(17), time(16), NEW_YORK, start_day=6, end_day=4)
    desk = Desk(schedule=week).logged_on()
    desk.session.commit()
    late = Desk(schedule=week, store=desk.store)
    late.now += 21 * 24 * HOUR
    late.session.connected(late.now)
    assert late.says("35=A|34=1|98=0|108=30") == ["35=A|34=1|98=0|108=30"]


def test_hours_that_a_clock_change_leaves_nothing_of_are_passed_over():
    # On 10 March 2024 it is three o'clock when half past two would be.
    schedule = Schedule(time(2, 30), time(3), NEW_YORK)
    moment = ns("2024-03-10 01:00", NEW_YORK)
    assert not schedule.is_open(moment)
    assert schedule.period(moment)[0] == ns("2024-03-11 02:30", NEW_YORK)
