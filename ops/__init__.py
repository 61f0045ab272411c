"""Puts the house together: configuration, wiring, the command line."""
