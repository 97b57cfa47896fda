"""Who is at Alder Creek School: everybody invented, from lists that never change."""

from typing import NamedTuple

from people import sheets

DOMAIN = "aldercreek.example"
PHONE = "555-0134"


class Colleague(NamedTuple):
    """Somebody whom the principal meets; the key is their initials."""

    key: str
    name: str
    job: str
    cadence: str
    role: str = "teacher"
    group: str = ""


# In this order: the first with one role only is whom one enters the demo as
STAFF = [
    Colleague("LH", "Leila Haddad", "English learners, new", "weekly"),
    Colleague("PN", "Priya Nair", "Grade 5", "biweekly"),
    Colleague("TF", "Tom Fielding", "PE, new this year", "weekly"),
    Colleague("AR", "Aisha Rahman", "Grade 8 English, new", "weekly", group="Advisory 8A"),
    Colleague("BC", "Ben Carter", "Learning support", "weekly", "support staff"),
    Colleague("NP", "Nadia Petrov", "Grade 2, first year", "weekly"),
    Colleague("DO", "Daniel Okafor", "Science", "biweekly", group="Advisory 8B"),
    Colleague("YT", "Yuki Tanaka", "Grade 3", "biweekly"),
    Colleague("KA", "Kwame Asante", "Grade 4", "biweekly"),
    Colleague("MB", "Marcus Bell", "Grade 6 humanities", "biweekly", group="Advisory 6A"),
    Colleague("HW", "Hannah Weiss", "Art", "biweekly", group="Advisory 7B"),
    Colleague("OP", "Owen Price", "IT support", "biweekly", "support staff"),
    Colleague("LO", "Luis Ortega", "Grade 7 math", "biweekly", group="Advisory 7A"),
    Colleague("IS", "Ingrid Solberg", "Library", "monthly", "support staff"),
    Colleague("PL", "Peter Lang", "Site manager", "monthly", "support staff"),
    Colleague("SL", "Sofia Lindqvist", "Music", "monthly", group="Advisory 6B"),
    Colleague("GM", "Grace Mbeki", "Kindergarten", "monthly"),
    Colleague("NQ", "Nora Quinn", "Grade 2", "monthly"),
]
NEW_THIS_YEAR = ("LH", "TF", "AR", "NP")

# Key, role, name, title, job
OFFICE = [
    ("EM", "leader", "Elena Marsh", "Principal", ""),
    ("JA", "counselor", "Joyce Abara", "Counselor", "Grades 6 to 8"),
    ("DR", "counselor", "Daniela Reyes", "Counselor", "Kindergarten to grade 5"),
    ("SW", "leader|safeguarding lead", "Sam Whitlock", "Assistant principal", ""),
    ("RC", "administrator", "Ruth Calder", "School office", ""),
]

ADVISORIES = [
    "Advisory 6A",
    "Advisory 6B",
    "Advisory 7A",
    "Advisory 7B",
    "Advisory 8A",
    "Advisory 8B",
]
STUDENTS = 160
# Students of whom the pages tell something; the others come from the lists below
NAMED = {
    "Advisory 6A": ["Elias Kowal"],
    "Advisory 6B": ["Oskar Lund"],
    "Advisory 7A": ["Hana Mori"],
    "Advisory 7B": [
        "Jada Wynn",
        "Amara Diallo",
        "Bao Nguyen",
        "Devi Raman",
        "Kofi Boateng",
        "Lucia Ferro",
    ],
    "Advisory 8A": ["Noor Saleh"],
    "Advisory 8B": ["Paloma Tores"],
}
GIVEN = [
    "Ada", "Amir", "Anouk", "Arlo", "Asha", "Bela", "Bruno", "Cleo", "Dario", "Edda", "Eli",
    "Esme", "Farah", "Felix", "Gaia", "Hugo", "Ida", "Ilan", "Ines", "Ivo", "Jonah", "Juno",
    "Kai", "Kira", "Lars", "Leo", "Lina", "Luca", "Maeve", "Malik", "Mila", "Nia", "Nico",
    "Omar", "Orla", "Pia", "Rafi", "Remy", "Rosa", "Rumi", "Sana", "Silas", "Suki", "Tariq",
    "Tess", "Theo", "Uma", "Vera", "Wren", "Yara", "Yusuf", "Zane", "Zora",
]  # fmt: skip
FAMILY = [
    "Abbot", "Adler", "Aoki", "Barros", "Bendt", "Bly", "Castell", "Chua", "Corbin", "Dahl",
    "Drake", "Duarte", "Eaves", "Farrow", "Fenn", "Galvan", "Grieve", "Haddow", "Holm", "Ibsen",
    "Jaffe", "Kerr", "Klee", "Lowe", "Marlow", "Mendes", "Nolan", "Obi", "Osman", "Pace", "Pell",
    "Quist", "Rao", "Rook", "Sandoval", "Shah", "Sorel", "Tate", "Ueda", "Vance", "Voss",
    "Weld", "Yates", "Zielin",
]  # fmt: skip


COLUMNS = [
    "external id",
    "role",
    "given name",
    "family name",
    "email",
    "title",
    "job",
    "grade",
    "started on",
    "groups",
    "line manager",
]


def address(name: str) -> str:
    """Where somebody's mail goes in the demo: nowhere."""
    return f"{name.lower().replace(' ', '.')}@{DOMAIN}"


def key_of(student: str) -> str:
    return f"S-{student.lower().replace(' ', '-')}"


def students() -> list[tuple[str, str]]:
    """Everybody's name and advisory; no name twice."""
    found, taken, number = [], {name for names in NAMED.values() for name in names}, 0
    for place, advisory in enumerate(ADVISORIES):
        size = STUDENTS // len(ADVISORIES) + (place < STUDENTS % len(ADVISORIES))
        names = list(NAMED[advisory])
        while len(names) < size:
            # Steps that share no factor with the lists' lengths pair all names before any repeats
            name = f"{GIVEN[number * 5 % len(GIVEN)]} {FAMILY[number * 7 % len(FAMILY)]}"
            number += 1
            if name not in taken:
                taken.add(name)
                names.append(name)
        found += [(name, advisory) for name in names]
    return found


def roster(year: int) -> bytes:
    """The school's people as the one sheet that any school imports; `year` is the school year's."""
    rows: list[list[str]] = []
    for key, role, name, title, job in OFFICE:
        manager = "" if key == "EM" else "EM"
        email = address(name)
        rows.append([key, role, *name.split(), email, title, job, "", "", "", manager])
    for place, one in enumerate(STAFF):
        since = year if one.key in NEW_THIS_YEAR else year - 2 - place % 9
        email, started = address(one.name), f"{since}-08-20"
        rows.append(
            [one.key, one.role, *one.name.split(), email, "", one.job, "", started, one.group, "EM"]
        )
    for name, advisory in students():
        grade = advisory.removeprefix("Advisory ")[0]
        rows.append([key_of(name), "student", *name.split(), "", "", "", grade, "", advisory, ""])
    return sheets.write(COLUMNS, rows)
