"""The public site: every address that needs no account stands here (and in consent.urls)."""

from django.urls import include, path

from booking.views import (
    confirming,
    employer,
    employer_asking,
    employer_booking,
    employer_seminars,
    figures,
    gate,
    identity,
    immediate,
    joining,
    mine,
    pages,
    personal,
    registering,
    registration,
    renewal,
    seminars,
    signing_in,
    slots,
    terms,
    webhooks,
)

application = [
    path("terms/", terms.terms, name="apply_terms"),
    path("terms/declined/", terms.declined, name="apply_declined"),
    path("email/", identity.email, name="apply_email"),
    path("code/", identity.code, name="apply_code"),
    path("owner/", identity.owner, name="apply_owner"),
    path("details/", confirming.details, name="apply_details"),
    path("confirm/", confirming.confirm, name="apply_confirm"),
    path("done/", confirming.done, name="apply_done"),
]

personal_page = [
    path("", personal.booking, name="booking"),
    path("withdraw/", personal.withdraw, name="booking_withdraw"),
    path("answer/", personal.answer, name="booking_answer"),
    path("contact/", personal.contact, name="booking_contact"),
    path("terms/", renewal.terms, name="booking_terms"),
    path("join/", joining.join, name="booking_join"),
    path("codes/", joining.codes, name="booking_codes"),
    path("code-mail/", joining.code_mail, name="booking_code_mail"),
    path("code-check/", joining.code_check, name="booking_code_check"),
]

# Immediate sessions (article 6-2).
immediate_pages = [
    path("", immediate.immediate, name="immediate"),
    path("terms/", gate.terms, {"page": "immediate"}, name="immediate_terms"),
    path("companion/", immediate.companion, name="immediate_companion"),
    path("withdraw/", immediate.withdraw, name="immediate_withdraw"),
]

# Signing in with a code from the mailbox; the door says what for.
sign_in_pages = [
    path("", signing_in.email, name="sign_in"),
    path("code/", signing_in.code, name="sign_in_code"),
    path("owner/", signing_in.owner, name="sign_in_owner"),
]

# Employers' human-resources staff.
employer_pages = [
    path("", employer.employer, name="employer"),
    path("contact/", employer.contact, name="employer_contact"),
    path("terms/", gate.terms, {"page": "employer"}, name="employer_terms"),
    path("ask/", employer_asking.ask, name="employer_ask"),
    path("book/", employer_booking.book, name="employer_book"),
    path("requests/<str:number>/", employer.one, name="employer_request"),
    path("requests/<str:number>/withdraw/", employer.withdraw, name="employer_withdraw"),
    path("seminars/<str:number>/", employer_seminars.one, name="employer_seminar"),
    path("seminars/<str:number>/join/", employer_seminars.join, name="employer_seminar_join"),
]

# Seminars and company tours.
seminar_pages = [
    path("", seminars.seminars, name="seminars"),
    path("<str:number>/", seminars.seminar, name="seminar"),
    path("<str:number>/calendar.ics", seminars.calendar, name="seminar_calendar"),
    path("<str:number>/register/", registering.register, name="seminar_register"),
]

registration_page = [
    path("", registration.registration, name="registration"),
    path("withdraw/", registration.withdraw, name="registration_withdraw"),
    path("answer/", registration.answer, name="registration_answer"),
    path("calendar.ics", registration.calendar, name="registration_calendar"),
    path("terms/", registration.terms, name="registration_terms"),
    path("join/", registration.join, name="registration_join"),
]

urlpatterns = [
    path("", pages.top, name="top"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
    path("metrics", figures.metrics, name="metrics"),
    path("zoom/webhook", webhooks.zoom, name="zoom_webhook"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("guide/", pages.guide, name="guide"),
    path("slots/", slots.slots, name="slots"),
    path("slots/begin/", slots.begin, name="begin"),
    path("sign-out/", identity.sign_out, name="sign_out"),
    path("now/", include(immediate_pages)),
    path("mine/", mine.mine, name="mine"),
    path("mine/terms/", gate.terms, {"page": "mine"}, name="mine_terms"),
    path("sign-in/<slug:door>/", include(sign_in_pages)),
    path("employer/", include(employer_pages)),
    path("apply/<uuid:key>/", include(application)),
    path("b/<str:token>/", include(personal_page)),
    path("seminars/", include(seminar_pages)),
    path("e/<str:token>/", include(registration_page)),
]
