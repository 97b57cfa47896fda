"""`manage.py audit verify`: prove that the log is whole; exit status 0 if it is, 1 if not."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from audit import actions, anchors, keyring


class Command(BaseCommand):
    help = "Check the audit log: every event, its place, and the end of every chain."

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="exit status 0: whole; 1: not, or not provable")
        verify.add_argument("--chain", type=int, help="one school's key; 0 is the installation")

        verify.add_argument(
            "--shipped",
            metavar="FILE",
            help="hold the log against the lines that LOG_TO sent elsewhere; - reads them here",
        )

        verify.add_argument(
            "--anchor",
            metavar="LINE",
            action="append",
            default=[],
            help="a line of a keeper's mail that the log has to fit; - reads whole mails here",
        )

    def handle(self, *, chain, shipped, anchor, **options):
        if shipped is not None and anchor:
            raise CommandError("Hold it against one of the two: --shipped or --anchor.")
        held_against = kept(anchor)
        try:
            if shipped is None:
                verification = actions.verify(chain=chain, anchors=held_against)
            else:
                verification = actions.compare(told(shipped))
        except keyring.KeyRingError as error:
            raise CommandError(f"Nothing was checked. {error}") from error
        if chain is not None and chain not in verification.events:
            raise CommandError(f"There is no chain {chain}.")
        if shipped is not None and not verification.events:
            raise CommandError("There is no event in these lines: nothing was checked.")

        self._say(verification)
        if held_against:
            count = len(held_against)
            self.stdout.write(f"It fits {count} {'anchor' if count == 1 else 'anchors'}.")
        self.stdout.write("The log is whole.")

    def _say(self, verification):
        for number, count in verification.events.items():
            self.stdout.write(f"Chain {number}: {count} events checked.")
        for problem in verification.problems:
            self.stderr.write(f"Chain {problem.chain}, event {problem.seq}: {problem.kind}.")
        if not verification.is_sound:
            raise CommandError(f"The log is not whole. Problems: {verification.problem_count}.")


def kept(lines):
    """The anchors in these lines, or in what is read from standard input."""
    found = []
    for line in lines:
        try:
            found += anchors.read(sys.stdin.read() if line == "-" else line)
        except anchors.NotAnAnchor as error:
            raise CommandError(f"Nothing was checked. {error}") from error
    return found


def told(name):
    """Chain, number and signature of each event in lines of a log server, whatever is before it."""
    try:
        with sys.stdin if name == "-" else Path(name).open(errors="replace") as lines:
            for line in lines:
                if '"logger": "audit.chain"' in line:
                    event = json.loads(line[line.index("{") :])["event"]
                    yield event["chain"], event["seq"], event["mac"]
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{name} holds lines that are not as LOG_TO sends them.") from error
