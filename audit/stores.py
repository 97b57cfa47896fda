"""Where sealed rows lie: apps register them, `manage.py keys` counts them and renews their keys."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from .keyring import Box, Purpose


class CannotSee(Exception):
    """Why the rows of a store cannot all be seen, in words for whoever runs the command."""


class Renew(Protocol):
    """How a box comes under the current key: `keyring.rewrap` or `keyring.reseal`."""

    def __call__(self, purpose: Purpose, box: Box, *, bound: bytes) -> Box: ...


class Renewed(NamedTuple):
    """What became of some rows of a store, in the order of their keys."""

    last: int  # the key of the last one
    done: int
    broken: int  # do not open, so they stay as they are


class Store(NamedTuple):
    """Rows that are sealed for one purpose."""

    name: str  # "notes", for people
    purpose: Purpose
    # How many rows lie under a key of the ring. Raises CannotSee
    count: Callable[[str], int]
    # Puts so many rows after one under the current key, in a transaction of their own; None after
    # the last. Raises CannotSee
    renew: Callable[[int, int, Renew], Renewed | None]


_stores: dict[str, Store] = {}


def register(store: Store) -> None:
    """Add a store; called in `AppConfig.ready()`."""
    _stores[store.name] = store


def stores(purpose: Purpose) -> list[Store]:
    return [store for store in _stores.values() if store.purpose == purpose]


def renew(store: Store, how: Renew, *, batch: int) -> Iterator[Renewed]:
    """Everything in a store, some rows at a time: may be stopped anywhere, and begun again."""
    last = 0
    while renewed := store.renew(last, batch, how):
        last = renewed.last
        yield renewed
