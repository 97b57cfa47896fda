"""What tests need written in the log."""

from audit.actions import record
from audit.models import Event

CHAIN = 7


def write(count, *, chain=CHAIN):
    """Add events that differ in every field one can choose."""
    return [
        record(
            Event.Act.PART_READ,
            chain=chain,
            by=number,
            objects=[f"part:{chain}-{number}", f"meeting:{number}"],
            basis=f"line.v{number}",
            on_behalf_of=number + 1,
            request_id=f"request-{number}",
        )
        for number in range(1, count + 1)
    ]
