"""What Django needs to know about this app: its mails, its steps, and how to undo its changes."""

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from people import departures, incoming, moving, outbox, undo  # noqa: PLC0415 -- models are loaded only now

        from . import (  # noqa: PLC0415
            calendar_mails,
            clock_emails,
            departing,
            emails,
            erasing,
            farewells,
            keeping,
            nudges,
            own_data,
            roster_terms,
            setting_up,
            undoing,
            undoing_calendar,
            undoing_lessons,
            undoing_rollover,
        )
        from .actions.departing import part  # noqa: PLC0415
        from .actions.feeds import end_feed_of  # noqa: PLC0415

        for kind in calendar_mails.KINDS:
            outbox.register(kind, calendar_mails.render, can_wait=emails.can_wait)
        changed = calendar_mails.calendar_changed
        outbox.register("calendar_changed", changed, can_wait=emails.can_wait)
        for kind in ("reminder", "host_reminder", "day_list"):
            outbox.register(kind, getattr(clock_emails, kind), can_wait=emails.can_wait)
        for kind, renderer in (
            ("invitation", emails.invitation),
            ("digest", clock_emails.digest),
            ("farewell", farewells.farewell),
            ("handed_over", farewells.handed_over),
            ("no_hurry", nudges.no_hurry),
            ("too_few", nudges.too_few),
            ("term_ends", nudges.term_ends),
        ):
            outbox.register(kind, renderer, can_wait=outbox.always)
        departures.register(departing.time_endings, part)
        moving.register(end_feed_of)

        # Their undoing deletes what was made, and its page with it
        gone = {
            "booking.make": undoing.after_booking,
            "booking.move": undoing.after_booking,
            "booking.carry": undoing_rollover.after_carry,
            "meeting.log": undoing.after_talk,
            "meeting.restore": undoing.after_talk,
            "closure.add": undoing_calendar.after_closure,
        }
        for verb, take_back, describe in (
            ("closure.add", undoing_calendar.undo_add, undoing_calendar.describe_add),
            (
                "closure.take_back",
                undoing_calendar.undo_take_back,
                undoing_calendar.describe_take_back,
            ),
            (
                "closure.import",
                undoing_calendar.undo_import,
                undoing_calendar.describe_import,
            ),
            ("slot.paint", undoing.undo_paint, undoing.describe_paint),
            ("signup.invite", undoing.undo_invite, undoing.describe_invite),
            ("signup.answer", undoing.undo_answer, undoing.describe_answer),
            ("booking.make", undoing.undo_booking, undoing.describe_booking),
            ("booking.move", undoing.undo_series_move, undoing.describe_booking),
            ("booking.release", undoing.undo_release, undoing.describe_release),
            ("booking.carry", undoing_rollover.undo_carry, undoing_rollover.describe_carry),
            ("booking.keep", undoing_lessons.undo_keeping, undoing_lessons.describe_keeping),
            ("duty.change", undoing_lessons.undo_duty, undoing_lessons.describe_duty),
            ("meeting.move", undoing.undo_meeting, undoing.describe_move),
            ("meeting.cancel", undoing.undo_meeting, undoing.describe_cancel),
            ("meeting.skip", undoing.undo_meeting, undoing.describe_skip),
            ("meeting.restore", undoing.undo_restore, undoing.describe_restore),
            ("meeting.hold", undoing.undo_meeting, undoing.describe_hold),
            ("meeting.miss", undoing.undo_meeting, undoing.describe_miss),
            ("meeting.log", undoing.undo_log, undoing.describe_log),
        ):
            undo.register(verb, undo=take_back, describe=describe, instead=gone.get(verb))

        incoming.register(incoming.TermTaker(roster_terms.plan, roster_terms.take))
        setting_up.register_steps()
        keeping.register_stores()
        erasing.register_erasure()
        own_data.register_rows()
