"""Finding a person by name, among those one may know of."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..forms.accounts import FindForm
from ..models import Person

MOST = 30


@require_safe
def find(request):
    form = FindForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = Person.objects.none()
    if words:
        known = Person.objects.visible_to(request.person, on=request.today)
        found = known.active().named(words).by_name()[: MOST + 1]
    people = list(found)
    template = "people/find.html"
    if request.htmx:
        template += "#results"
    return render(
        request,
        template,
        {"form": form, "words": words, "people": people[:MOST], "has_more": len(people) > MOST},
    )
