"""Sample files of what can be imported, to be downloaded beside each import."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from people.permissions import administered_school

from ..samples import SAMPLES
from .district import require_office


@require_safe
def sample(request, kind):
    if kind not in SAMPLES:
        raise Http404
    if kind == "schools":
        require_office(request)
        school = request.school
    else:
        school = administered_school(request.roles)
    file = SAMPLES[kind]
    response = HttpResponse(file.make(school, request.today), content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response
