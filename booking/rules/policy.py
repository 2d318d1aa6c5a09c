"""The office's numbers, as they hold at one moment."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class Policy:
    """The office's numbers; units are in the names. `None` means no cap."""

    slot_minutes: int = 30
    blocks: tuple[tuple[time, time], ...] = ((time(10), time(12)), (time(13), time(16)))
    request_closes_at: time = time(15)
    answer_by_at: time = time(17, 15)
    readiness_mail_at: time = time(15, 30)
    horizon_days: int = 28
    open_requests_per_person: int = 1
    capacity_per_start: int | None = 1
    first_timers_per_day: int | None = None
    few_places: int = 1
    host_buffer_minutes: int = 0
    no_contact_grace_minutes: int = 10
    no_contact_notice_minutes: int = 5
    join_opens_minutes: int = 10
    heartbeat_gap_seconds: int = 150
    remind_day_before_at: time = time(9, 0)
    remind_minutes_before: int = 60
    office_opens_at: time = time(8, 30)
    office_closes_at: time = time(17, 15)
    immediate_wait_minutes: int = 10
    immediate_lead_minutes: int = 5
    interviews_taken: int = 1
    interview_presence_minutes: int | None = None
    employers_book: int = 0
    seminar_waiting_room: int = 1
