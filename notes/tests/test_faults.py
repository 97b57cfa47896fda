from collections import Counter

import pytest
from django.conf import settings

from benchmarks.faults import faults

FAULTS = faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.file)
def test_fault_can_still_be_planted(fault):
    """Else nobody would notice that the list of `benchmarks/faults.py` tries nothing any more."""
    text = (settings.BASE_DIR / fault.file).read_text()

    assert text.count(fault.before) == 1
    assert fault.before != fault.after


def test_no_fault_is_listed_twice():
    assert not [each for each, count in Counter(FAULTS).items() if count > 1]
