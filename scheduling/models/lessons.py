"""What a school's timetables call its people."""

from django.db import models

from people.models import Person, School


class TeacherCode(models.Model):
    """A code that timetables of a kind use for somebody, as an administrator said once."""

    school = models.ForeignKey(School, models.PROTECT, related_name="teacher_codes")
    kind = models.CharField(max_length=20)  # of timetable: scheduling.lessons.Kind
    code = models.CharField(max_length=120)
    person = models.ForeignKey(Person, models.PROTECT, related_name="teacher_codes")

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "code"], name="scheduling_teachercode_once"
            )
        ]

    def __str__(self) -> str:
        return f"TeacherCode {self.pk}"
