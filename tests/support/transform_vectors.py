"""Known results of the SMEV 3 transform and messages signed with it; they aren't kept here."""

import json
from pathlib import Path

import pytest

_REFERENCE = Path(__file__).resolve().parents[2].parent / "shared" / "reference"
_FOLDER = _REFERENCE / "transform"
_SIGNED = _REFERENCE / "signed"
TRANSFORM = "urn://smev-gov-ru/xmldsig/transform"

needs_vectors = pytest.mark.skipif(
    not _FOLDER.is_dir(), reason="the vectors of the transform (../shared) are not here"
)
INPUTS = sorted(_FOLDER.glob("*.in.xml"))


def expected(path: Path) -> bytes | None:
    """The transform of an input, None for one that is refused."""
    stem = path.name.removesuffix(".in.xml")
    if path.with_name(f"{stem}.err.txt").exists():
        return None
    return path.with_name(f"{stem}.out.xml").read_bytes()


def signed_messages() -> list[Path]:
    """Messages with a signature that has this transform."""
    if not _SIGNED.is_dir():
        return []
    return [
        _SIGNED / row["file"]
        for row in json.loads((_SIGNED / "manifest.json").read_text("utf-8"))
        if any(TRANSFORM in each["transforms"] for each in row["signatures"])
    ]
