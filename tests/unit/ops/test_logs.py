"""The audit stream: a line for each disclosure, or no disclosure."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from gateway.errors import GatewayError
from ops.logs import AuditLog

ID = UUID("6f7e1f3a-6df5-4c1e-9b0a-0d5a3f1f2b11")


def audit(path: Path) -> AuditLog:
    return AuditLog(path, clock=lambda: datetime(2026, 11, 2, tzinfo=UTC))


def disclose(log: AuditLog, case: str = "1") -> None:
    log.disclosed(
        message_id=ID, agency="A", operation="FindStudent", subject_id="s", case_number=case
    )


def test_foreign_text_can_forge_neither_line_nor_key(tmp_path: Path) -> None:
    log = audit(tmp_path / "audit.log")
    disclose(log, 'x"\nevent=forged\u2028')
    (line,) = (tmp_path / "audit.log").read_text().splitlines()
    assert line.endswith('case="x??event=forged?"')


def test_file_that_was_rotated_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    log = audit(path)
    disclose(log)
    path.rename(tmp_path / "audit.log.1")
    disclose(log)
    assert len(path.read_text().splitlines()) == 1
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_forbids_the_disclosure(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.symlink_to("/dev/full")
    with pytest.raises(GatewayError) as error:
        disclose(audit(path))
    assert error.value.code == "audit.unavailable"
