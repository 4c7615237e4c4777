"""Stands in for the parts of a self-hosted Sentry that the script relies on: the
same names, fields and effects, written for the tests."""

VERSION = "26.3.0"
