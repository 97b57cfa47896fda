"""Copies of the database that may leave this machine, and the way back from them."""

from .archive import Manifest, examine
from .folder import is_on, newest, places
from .key import CannotBackUp, make_key
from .making import copy_before_upgrade, make
from .restoring import CannotRestore, restore, scratch

__all__ = [
    "CannotBackUp",
    "CannotRestore",
    "Manifest",
    "copy_before_upgrade",
    "examine",
    "is_on",
    "make",
    "make_key",
    "newest",
    "places",
    "restore",
    "scratch",
]
