"""Looking at the school's own calendar where it is kept: by night, and when somebody asks."""

from datetime import datetime

from django.views.decorators.debug import sensitive_variables

from people import fetching
from people.fetching import CannotFetch
from people.models import Person
from people.sheets import CannotRead

from . import actions, closure_files
from .closure_files import NoTerm
from .keeping import open_address
from .models import CalendarSource


@sensitive_variables("address")
def look(source: CalendarSource, *, by: Person | None, at: datetime) -> bytes:
    """
    The calendar as it is now, and a note of how much in it is news; changes no day.

    Takes as long as `fetching.fetch` may, so it is called outside a transaction. Raises
    CannotFetch and CannotRead, and has written down the sentence then.
    """
    try:
        address = open_address(source)
        content = fetching.fetch(address)
        on = source.school.today(at)
        news = closure_files.plan(source.school, content, on=on).news(on)
    except NoTerm:
        actions.note_look(source, by=by, at=at, news={})  # the calendar itself is well
        raise
    except (CannotFetch, CannotRead) as error:
        actions.note_look(source, by=by, at=at, error=str(error))
        raise
    actions.note_look(source, by=by, at=at, news=news)
    return content
