"""Tests of the whole site: access, conventions, health, the house itself."""
