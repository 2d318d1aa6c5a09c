"""The words of the public templates, and the components that carry more than markup."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string

from booking.models.bookings import State
from booking.rules.calendar import Day
from booking.rules.interval import Interval
from booking.rules.slots import Mark, Moments, Offer, Reason
from booking.templatetags import portal

START = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)  # Thursday 10:00 in Tokyo
CLOSES = datetime(2026, 9, 18, 6, 0, tzinfo=UTC)  # the Friday before, 15:00


def an_offer(mark: Mark, *reasons: Reason) -> Offer:
    return Offer(START, mark, 1, reasons, Moments(CLOSES, CLOSES, START))


def html(source: str, **context: object) -> str:
    return Template("{% load portal %}" + source).render(Context(context))


class DetailsForm(forms.Form):
    full_name = forms.CharField(label="氏名", help_text="例：豊岡 花子", error_messages={"required": "氏名を入力してください。"})
    companion = forms.ChoiceField(
        label="同席者", choices=[("none", "なし")], widget=forms.RadioSelect, error_messages={"required": "選んでください。"}
    )
    agreed = forms.BooleanField(label="同意します。", error_messages={"required": "同意が必要です。"})


def test_filters_show_moments_in_tokyo() -> None:
    span = Interval(START, START + timedelta(minutes=30))
    assert html("{{ span|ja_span }}", span=span) == "2026年9月24日（木）10:00～10:30"
    assert html("{{ a|ja_until:b }}", a=span.start, b=span.end) == "2026年9月24日（木）10:00～10:30"


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (an_offer(Mark.FREE), "空きあり"),
        (an_offer(Mark.FREE, Reason.OPEN_REQUEST), "空きあり"),  # the grid stays the same for everybody
        (an_offer(Mark.FEW), "残りわずか"),
        (an_offer(Mark.CLOSED, Reason.FULL), "満席"),
        (an_offer(Mark.CLOSED, Reason.REQUEST_CLOSED, Reason.FULL), "受付終了"),
        (an_offer(Mark.CLOSED, Reason.FIRST_TIMERS_FULL), "初めての方の受付終了"),
        (an_offer(Mark.NONE, Reason.BEYOND_HORIZON), "受付開始前"),
        (an_offer(Mark.NONE, Reason.NOBODY_ON_DUTY), "受付なし"),
    ],
)
def test_slot_words_give_the_first_reason(offer: Offer, words: str) -> None:
    assert str(portal.slot_words(offer)) == words


def test_every_state_has_a_tone_and_a_sentence() -> None:
    assert set(portal.STATES) == set(State.values)
    assert {tone for tone, _ in portal.STATES.values()} == {"blue", "yellow", "green", "red", "gray"}


def test_booking_steps_before_the_current_are_done() -> None:
    steps = portal.booking_steps(3)
    assert [step["done"] for step in steps] == [True, True, False, False, False, False]
    assert [step["number"] for step in steps if step["current"]] == [3]


def test_notice_escapes_its_heading_and_keeps_its_content() -> None:
    shown = html('{% notice "error" heading %}<p>本文</p>{% endnotice %}', heading="<b>")
    assert shown.count("&lt;b&gt;") == 1
    assert shown.count("<p>本文</p>") == 1
    assert shown.count('role="alert"') == 1


def test_slot_day_offers_a_radio_with_a_spoken_label() -> None:
    offers = (an_offer(Mark.FREE),)
    shown = render_to_string(
        "components/slot_day.html",
        {"day": Day(date(2026, 9, 24), is_open=True), "offers": offers, "name": "start", "selected": START.isoformat()},
    )
    assert shown.count(f'<input type="radio" name="start" value="{START.isoformat()}" checked>') == 1
    assert shown.count("9月24日 木曜日 10時 空きあり") == 1
    assert shown.count("受付：9月18日（金）15:00まで") == 1


def test_slot_day_without_name_or_place_offers_no_radio() -> None:
    day = Day(date(2026, 9, 24), is_open=True)
    for context in ({"name": "start", "offers": (an_offer(Mark.CLOSED, Reason.FULL),)}, {"offers": (an_offer(Mark.FREE),)}):
        assert render_to_string("components/slot_day.html", {"day": day, **context}).count("<input") == 0


def test_slot_day_closed_is_one_line_with_its_name() -> None:
    shown = render_to_string("components/slot_day.html", {"day": Day(date(2026, 9, 22), is_open=False, why="休日"), "offers": ()})
    assert shown.count("閉庁日（休日）") == 1
    assert shown.count("<li>") == 0


def test_field_ties_help_and_error_to_the_control() -> None:
    shown = render_to_string("components/field.html", {"field": DetailsForm({})["full_name"]})
    assert shown.count('aria-describedby="id_full_name_helptext id_full_name_error"') == 1
    assert shown.count('id="id_full_name_helptext"') == 1
    assert shown.count('id="id_full_name_error"') == 1
    assert shown.count("＊氏名を入力してください。") == 1
    assert shown.count("※必須") == 1


@pytest.mark.parametrize(("mark", "required", "optional"), [("optional", 0, 1), ("none", 0, 0)])
def test_field_mark_can_be_overridden(mark: str, required: int, optional: int) -> None:
    shown = render_to_string("components/field.html", {"field": DetailsForm()["full_name"], "mark": mark})
    assert (shown.count("※必須"), shown.count("※任意")) == (required, optional)


def test_error_summary_counts_and_links_to_each_control() -> None:
    shown = render_to_string("components/error_summary.html", {"form": DetailsForm({})})
    assert shown.count("エラーが3件あります。次の項目を確認してください。") == 1
    for target in ("#id_full_name", "#id_companion_0", "#id_agreed"):
        assert shown.count(f'href="{target}"') == 1


def test_error_summary_of_a_good_form_is_empty() -> None:
    form = DetailsForm({"full_name": "豊岡 花子", "companion": "none", "agreed": "on"})
    assert render_to_string("components/error_summary.html", {"form": form}).strip() == ""
