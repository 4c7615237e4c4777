"""Faults that a test switches on: a point raises at the call that is named."""

failing = ""  # "point" or "point:2" for the second call
calls = {}


class Broken(Exception):
    pass


def point(name):
    calls[name] = calls.get(name, 0) + 1
    wanted, _, count = failing.partition(":")
    if name == wanted and calls[name] == int(count or 1):
        raise Broken("Failing row contains (-----BEGIN PRIVATE KEY-----canary).")
