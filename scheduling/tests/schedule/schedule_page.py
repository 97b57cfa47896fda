"""What tests of the schedule share: its addresses, and how its cells are found and read."""

from bs4 import BeautifulSoup
from django.urls import reverse

SCHEDULE = reverse("scheduling:schedule")
CELLS = reverse("scheduling:cells_paint")
UNDO = reverse("scheduling:paint_undo")
REDO = reverse("scheduling:paint_redo")
PLACE = reverse("scheduling:place_book")
HTMX = {"HX-Request": "true"}


def key(school, name="Lunch", column="2"):
    return f"{column}-{school.periods.get(name=name).uid}"


def soup(response):
    return BeautifulSoup(response.text, "html.parser")


def button(response, school, name="Lunch", column="2"):
    return soup(response).find(id=f"cell-{key(school, name, column)}")


def words(element):
    return " ".join(element.get_text(" ").split())


def post(client, term, *, headers=None, **fields):
    return client.post(CELLS, {"term": term.uid, **fields}, headers=headers)
