"""What may exist at all, where one roster fills a school and where one fills a district."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from conftest import NOW
from people.models import Group, ImportRun, Person, RosterSource, School

from .factories import PersonFactory, SchoolFactory

TODAY = NOW.date()

pytestmark = pytest.mark.django_db


def refused(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_source_of_the_district_is_there_once():
    RosterSource.objects.create(school=None)

    refused(lambda: RosterSource.objects.create(school=None))


def test_two_schools_have_the_same_id_of_a_person_and_the_district_only_one():
    one, other = (RosterSource.objects.create(school=SchoolFactory()) for _ in range(2))
    district = RosterSource.objects.create(school=None)
    for source in (one, other, district):
        PersonFactory(source=source, external_id="T001")

    refused(lambda: PersonFactory(source=district, external_id="T001"))
    assert Person.objects.filter(external_id="T001").count() == 3


def test_id_of_a_school_belongs_to_one():
    SchoolFactory(external_id="S1")

    refused(lambda: SchoolFactory(external_id="S1"))
    assert School.objects.filter(external_id="").count() == 0


def test_group_is_known_by_its_id_and_its_name_is_free_once_it_ended():
    school = SchoolFactory()
    source = RosterSource.objects.create(school=school)
    algebra = Group.objects.create(school=school, name="Algebra", source=source, external_id="C1")

    refused(lambda: Group.objects.create(school=school, name="Algebra", external_id="C2"))
    refused(lambda: Group.objects.create(school=school, name="B", source=source, external_id="C1"))
    algebra.ends_on = date(2026, 6, 30)
    algebra.save()
    Group.objects.create(school=school, name="Algebra", source=source, external_id="C2")


def test_imports_are_seen_by_those_who_administer_what_they_fill():
    ada = PersonFactory(administrator=True, school=SchoolFactory())
    school = ada.roles.get().school
    moments = {"created_at": NOW, "moved_at": NOW}
    ours = ImportRun.objects.create(school=school, by=ada, **moments)
    theirs = ImportRun.objects.create(school=SchoolFactory(), **moments)
    district = ImportRun.objects.create(school=None, **moments)
    teacher = PersonFactory(teacher=True, school=school)
    dora = PersonFactory()
    dora.roles.create(school=school, kind="district_admin", starts_on=TODAY)
    gone = PersonFactory(administrator=True, school=school, is_active=False)

    seen = {
        person: list(ImportRun.objects.visible_to(person, on=TODAY).order_by("pk"))
        for person in (ada, teacher, dora, gone)
    }

    assert seen == {ada: [ours], teacher: [], dora: [ours, theirs, district], gone: []}
