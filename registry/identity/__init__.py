"""Recognising one child in several systems.

A record is folded into a `Profile`, its blocking keys fetch candidates, `decide` compares it with
each and says: joined, uncertain, or new. What is uncertain waits in a queue for a person to
decide; merges and splits are plans that can be turned back. Source: registry.md §1.
"""
