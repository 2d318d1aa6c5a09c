"""``manage.py slots DATE``: why is it ×? The rule that draws the page explains each start, for any moment."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from booking.queries import situation
from booking.rules.calendar import TOKYO, Day, tokyo
from booking.rules.slots import Moments, Offer, moments, offers
from toyooka_hw import clock
from toyooka_hw.wording import ja_date, ja_datetime, ja_limit, ja_time

MOST_DAYS = 366


class Command(BaseCommand):
    help = "Explain every start of a day: its mark, free places, reasons, and the three moments of the day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("date", metavar="DATE", help="first day, YYYY-MM-DD")
        parser.add_argument("--days", type=int, default=1, metavar="N", help="number of days (default 1)")
        parser.add_argument(
            "--now", metavar="ISO", help="judge as of this moment; without an offset it is Tokyo time (default: the portal's clock)"
        )
        parser.add_argument("--json", action="store_true", help="machine-readable output")

    def handle(self, *args: Any, **options: Any) -> None:
        first, count = _day(options["date"]), options["days"]
        if not 1 <= count <= MOST_DAYS:
            raise CommandError(f"--days must be between 1 and {MOST_DAYS}.")
        now = _moment(options["now"]) if options["now"] else clock.now()
        wanted = [first + timedelta(days=offset) for offset in range(count)]
        seen = situation(wanted[0], wanted[-1], now=now)
        table = [(day, row, moments(day.date, seen.calendar, seen.policy)) for day, row in offers(wanted, seen)]
        if options["json"]:
            self.stdout.write(json.dumps({"now": _iso(now), "days": [_as_data(*entry) for entry in table]}, ensure_ascii=False, indent=2))
            return
        for day, row, limits in table:
            self.stdout.write(_as_text(day, row, limits))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is not a date; write it as 2027-04-08.") from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is not a moment; write it as 2027-04-07T15:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=TOKYO)


def _iso(moment: datetime) -> str:
    return moment.astimezone(TOKYO).isoformat()


def _as_data(day: Day, row: tuple[Offer, ...], limits: Moments) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "open": day.is_open,
        "why": str(day.why),
        "request_closes": _iso(limits.request_closes),
        "answer_by": _iso(limits.answer_by),
        "confirm_limit": _iso(limits.confirm_limit),
        "starts": [
            {
                "start": _iso(offer.start),
                "mark": offer.mark.value,
                "places": offer.places,
                "reasons": [reason.value for reason in offer.reasons],
                "request_closes": _iso(offer.moments.request_closes),
                "answer_by": _iso(offer.moments.answer_by),
                "confirm_limit": _iso(offer.moments.confirm_limit),
            }
            for offer in row
        ],
    }


def _as_text(day: Day, row: tuple[Offer, ...], limits: Moments) -> str:
    head = f"{ja_date(tokyo(day.date, time()))} {'開庁日' if day.is_open else f'閉庁日（{day.why}）'}"
    deadlines = (
        f"  申込みの締切 {ja_datetime(limits.request_closes)}  回答の期限 {ja_datetime(limits.answer_by)}"
        f"  確定の期限 {ja_limit(limits.confirm_limit)}"
    )
    lines = [
        f"  {ja_time(o.start):>5}  {o.mark.value}  空き{o.places}  {' '.join(reason.value for reason in o.reasons)}".rstrip() for o in row
    ]
    return "\n".join([head, deadlines, *lines])
