"""Clients of the school systems, each with its own mapping, all on the export contract of ours."""
