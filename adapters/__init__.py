"""Whom we call: clients of the school systems and of other agencies."""
