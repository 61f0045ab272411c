"""Detached signatures of files by CMS (PKCS#7)."""
