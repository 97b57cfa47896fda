"""The mails of the demo school, which go to files: readable where it can be entered."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import demo, mailbox
from .welcome import require_demo


@login_not_required
@require_safe
def mail_list(request):
    require_demo(request)
    with timezone.override(demo.demo_school().time_zone):
        return render(request, "people/mail_list.html", {"mails": _demo_mails()})


@login_not_required
@require_safe
def mail_detail(request, key):
    require_demo(request)
    mail = next((mail for mail in _demo_mails() if mail.key == key), None)
    if mail is None:
        raise Http404
    # Its links lead to where one is, whatever address this demo was started for
    here = request.build_absolute_uri("/").rstrip("/")
    mail = mail._replace(words=mail.words.replace(settings.SITE_URL, here))
    with timezone.override(demo.demo_school().time_zone):
        return render(request, "people/mail_detail.html", {"mail": mail})


def _demo_mails():
    """Those to invented people; a real person's code is nobody else's to read."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if folder is None:
        return []
    people = demo.demo_people().values_list("email", "user__email")
    addresses = {address.lower() for pair in people for address in pair if address}
    return [mail for mail in mailbox.sent_mails(folder) if mail.to.lower() in addresses]
