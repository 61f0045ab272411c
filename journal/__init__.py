"""The message journal as a format: records, codec, hash chain."""
