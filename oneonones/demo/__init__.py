"""Alder Creek School: an invented school in the middle of a term, whatever today is."""

from .seed import seed

__all__ = ["seed"]
