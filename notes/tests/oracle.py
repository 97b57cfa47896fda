"""
Who may read what, worked out from a plain list of what happened: no Django, no bits, no SQL.

It knows the protocols from the table that `test_protocols.py` has typed by hand, and nothing else
of the product: where the two differ, one of them is wrong.
"""

from dataclasses import dataclass, field

from .test_protocols import ORDER, TABLE, A, B, L

READERS = {A: {"author"}, B: {"author", "party"}, L: {"author", "party", "manager"}}
BOTH = {"host", "attendee"}
CHOOSABLE = ("between_us", "topics_up", "actions_up")
USUAL = {
    "staff_check_in": "between_us",
    "coaching": "topics_up",
    "performance_support": "perf_support",
    "counseling": "counseling",
}
KINDS = {"heading": "topic", "how": "body", "agreed": "action", "memory": "private",
         "words": "body", "wish": "goal"}  # fmt: skip


@dataclass
class Version:
    protocol: str
    manager: str | None
    yes: set = field(default_factory=set)
    state: str = "proposed"

    def widest(self, kind):
        if (self.protocol, kind) == ("counseling", "body"):
            return READERS[B]  # the counselor may share it
        readers = READERS[TABLE[kind][ORDER.index(self.protocol)]]
        return readers if self.manager else readers - {"manager"}


@dataclass
class Written:
    author: str
    kind: str
    readers: set
    manager: str | None
    version: Version | None
    is_draft: bool = False


class Oracle:
    """Two people and those around them; told what is done, asked who reads."""

    def __init__(self, kind):
        self.kind = kind
        self.manager = "first"  # the attendee's, now
        self.versions: list[Version] = []
        self.parts: dict[str, Written] = {}
        self.gone: set[str] = set()  # whose login has ended
        self.left: set[str] = set()  # who works at the school no more
        self.is_over = False  # the two meet no more

    def could_agree(self, protocol):
        if self.kind in ("counseling", "performance_support"):
            return protocol == USUAL[self.kind]
        return protocol in (CHOOSABLE if self.manager else CHOOSABLE[:1])

    def agree(self, who, protocol):
        names = protocol in ("topics_up", "actions_up", "perf_support")
        wanted = protocol, self.manager if names else None
        version = next(
            (
                each
                for state in ("in force", "proposed")
                for each in reversed(self.versions)
                if each.state == state and (each.protocol, each.manager) == wanted
            ),
            None,
        )
        if version is None:
            self._end("proposed", "given up")
            version = Version(*wanted)
            self.versions.append(version)
        if version.state == "in force":
            return
        version.yes.add(who)
        if version.yes == BOTH:
            self._end("in force", "replaced")
            version.state = "in force"
            self._take_from_managers(but=version)

    def decline(self):
        self._end("proposed", "declined")

    def withdraw(self):
        self._end("in force", "withdrawn")
        self._take_from_managers()

    def write(self, name, author, key, chosen, *, is_draft=False):
        version, kind = self.in_force, KINDS[key]
        readers = {"author"}
        if version is not None and not is_draft:
            readers |= chosen & version.widest(kind)
        manager = version.manager if version and "manager" in readers else None
        self.parts[name] = Written(author, kind, readers, manager, version, is_draft)

    def narrow(self, name, chosen):
        part = self.parts[name]
        part.readers &= {"author"} | chosen
        if "manager" not in part.readers:
            part.manager = None

    def read_by(self, who):
        return {name for name, part in self.parts.items() if self._reads(who, part)}

    @property
    def in_force(self):
        return next((each for each in self.versions if each.state == "in force"), None)

    def _reads(self, who, part):
        if who in self.gone:
            return False
        if who == part.author:
            return True
        if part.is_draft:
            return False
        if who in BOTH:
            return "party" in part.readers
        return (
            who == part.manager
            and part.version.manager == who
            and part.version.state in ("in force", "replaced")
            and who not in self.left
            and not self.is_over
        )

    def _end(self, state, into):
        for each in self.versions:
            if each.state == state:
                each.state = into

    def _take_from_managers(self, but=None):
        for part in self.parts.values():
            stays = but and part.manager == but.manager and "manager" in but.widest(part.kind)
            if part.manager and not stays:
                part.readers = part.readers - {"manager"}
                part.manager = None
