"""What of somebody's times is erased, and what stays for those they met."""

from datetime import datetime

from people import erasure
from people.models import Person

from .models import Commitment, Meeting, SignUp, Slot, TeacherCode


def erase_times(person: Person, at: datetime) -> None:
    """Lessons, codes and letters go; talks stay, without the place and the link of the host."""
    Commitment.objects.filter(person=person).delete()
    TeacherCode.objects.filter(person=person).delete()
    SignUp.objects.filter(host=person).update(letter="")
    for mine in (Slot.objects.filter(host=person), Meeting.objects.filter(pairing__host=person)):
        mine.update(place="", online_link="")


def register_erasure() -> None:
    erasure.register(
        going=[
            erasure.Fate(
                50,
                "Times",
                "Lessons, duties and codes in timetables; the words of letters, and places and "
                "links of talks they hosted.",
            )
        ],
        staying=[
            erasure.Fate(
                20,
                "Talks",
                "That there was one, and when: the other of the two has them too. They read "
                "“Former member” there.",
            )
        ],
        erase=erase_times,
    )
