"""`manage.py audit verify`: prove that the log is whole; exit status 0 if it is, 1 if not."""

from django.core.management.base import BaseCommand, CommandError

from audit import actions, keyring


class Command(BaseCommand):
    help = "Check the audit log: every event, its place, and the end of every chain."

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="exit status 0: whole; 1: not, or not provable")
        verify.add_argument("--chain", type=int, help="one school's key; 0 is the installation")

    def handle(self, *, chain, **options):
        try:
            verification = actions.verify(chain=chain)
        except keyring.KeyRingError as error:
            raise CommandError(f"Nothing was checked. {error}") from error
        if chain is not None and chain not in verification.events:
            raise CommandError(f"There is no chain {chain}.")

        for number, count in verification.events.items():
            self.stdout.write(f"Chain {number}: {count} events checked.")
        for problem in verification.problems:
            self.stderr.write(f"Chain {problem.chain}, event {problem.seq}: {problem.kind}.")
        if not verification.is_sound:
            raise CommandError(f"The log is not whole. Problems: {verification.problem_count}.")
        self.stdout.write("The log is whole.")
