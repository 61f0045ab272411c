"""By what a record is known to say the same as before."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from store.links import Link, LinkKind, Tally, content_hash

LINK = Link(LinkKind.PUPIL, "p", UUID(int=1), "1", content_hash("a"))
NOW = datetime(2024, 10, 1, tzinfo=UTC)


def test_fields_do_not_run_into_each_other() -> None:
    hashes = {
        content_hash("a", "b"),
        content_hash("ab", ""),
        content_hash("", "ab"),
        content_hash(["a"], "b"),
        content_hash("a", None),
        content_hash("a", "None"),
        content_hash("a", 1),
        content_hash("a", "1"),
    }
    assert len(hashes) == 8


def test_a_hash_stays_the_same_between_versions_of_the_program() -> None:
    assert content_hash("Ёлкин", None, 1, ["x"]).hex().startswith("55c1190c5424d910")


def test_a_tally_counts_each_record_once() -> None:
    tally = Tally("s", NOW)
    assert tally.is_unchanged(LINK, "1", LINK.content_hash)
    assert not tally.is_unchanged(LINK, "1", content_hash("b"))
    assert not tally.is_unchanged(None, "1", LINK.content_hash)
    tally.note(LINK, replace(LINK, content_hash=content_hash("b")))
    tally.note(None, replace(LINK, source_id="q"))
    outcome = tally.outcome()
    assert (outcome.created, outcome.changed, outcome.unchanged) == (1, 1, 1)
    assert [row["source_id"] for row in tally.link_rows] == ["p", "q"]


def test_a_new_version_alone_is_kept_but_not_counted_as_change() -> None:
    tally = Tally("s", NOW)
    assert tally.is_unchanged(LINK, "2", LINK.content_hash)
    assert [row["source_version"] for row in tally.link_rows] == ["2"]
    assert tally.outcome().changed == 0
