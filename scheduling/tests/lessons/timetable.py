"""How the tests of timetables write and read a file."""

from scheduling import lessons

HEAD = "day,period,length,subject,teachers,room\n"


def sheet(*rows, head=HEAD):
    return (head + "\n".join(rows) + "\n").encode()


def planned(school, term, *rows, head=HEAD):
    return lessons.plan(school, term, sheet(*rows, head=head))
