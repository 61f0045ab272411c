"""A corpus of good messages and of attacks on them, committed so that it outlives its generator.

`python -m tests.corpus` writes it anew, with new keys: `attacks.jsonl.gz`, a line for each message,
and `authority.pem`, whom to trust.
"""
