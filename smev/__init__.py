"""SMEV as a format: envelopes, statuses, the catalogue of schemas."""
