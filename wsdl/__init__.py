"""The published service contracts."""
