"""One thread at a time with asn1crypto.

Its objects parse themselves while they are read, and its classes make themselves ready at their
first use; neither bears a second thread. Without the lock good certificates would now and then be
refused, and a class half ready would stay so for the life of the process.
"""

from __future__ import annotations

import threading

ASN1_LOCK = threading.RLock()
"""Held by whoever makes or reads an object of asn1crypto."""
