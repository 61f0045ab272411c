"""Chains of certificates, trust and revocation; an authority for tests and demonstrations."""
