"""Keeping the memory that was freed, for the next message."""

import ctypes

# mallopt(3), malloc.h of glibc.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_KEPT_BYTES = 64 * 2**20
_MMAP_BYTES = 32 * 2**20


def keep_freed_memory() -> None:
    """Let the C library keep up to 64 MiB that was freed, where it is glibc.

    By default it gives 128 KiB and more back at once, so that each larger message asks the kernel
    for the memory of its trees anew: a sixth of the time that verifying 100 KB takes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return
    mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
    mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
