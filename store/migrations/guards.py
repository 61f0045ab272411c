"""Triggers and partitions that the steps make, as SQL for both databases.

What these functions give is part of released steps: a change here must be a new function.
Names are those of our own tables; nothing comes from outside.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

POSTGRESQL = "postgresql"
# Years that get a partition of their own; `store.partitions` adds those that come.
FIRST_YEARS = range(2026, 2029)


@dataclass(frozen=True, slots=True)
class Guarded:
    """A versioned table: its columns in the order of the table, which of them are its key, and
    which may change without a new version."""

    table: str
    columns: Sequence[str]
    key: Sequence[str]
    free: Sequence[str]

    @property
    def _fixed(self) -> list[str]:
        return [name for name in self.columns if name not in self.free and name != "version"]

    def statements(self, dialect: str) -> Iterator[str]:
        """What makes the table keep its history, and refuse whatever would lose some of it."""
        if dialect == POSTGRESQL:
            yield from self._postgresql()
        else:
            yield from self._sqlite()

    def _postgresql(self) -> Iterator[str]:
        table, columns = self.table, ", ".join(self.columns)
        old = ", ".join(f"OLD.{name}" for name in self.columns)
        same = _row("NEW", self._fixed) + " IS DISTINCT FROM " + _row("OLD", self._fixed)
        moved = _row("NEW", self.key) + " IS DISTINCT FROM " + _row("OLD", self.key)
        yield f"""
            CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    RAISE EXCEPTION '{table}: rows are never deleted'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                IF NEW.version = OLD.version THEN
                    IF {same} THEN
                        RAISE EXCEPTION '{table}: a change needs the next version'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                END IF;
                IF NEW.version <> OLD.version + 1 OR NEW.recorded_at < OLD.recorded_at
                    OR {moved} THEN
                    RAISE EXCEPTION '{table}: not the next version of the row'
                        USING ERRCODE = 'check_violation';
                END IF;
                INSERT INTO {table}_history ({columns}, superseded_at)
                    VALUES ({old}, NEW.recorded_at);
                RETURN NEW;
            END $$"""  # noqa: S608
        yield (
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        )

    def _sqlite(self) -> Iterator[str]:
        table, columns = self.table, ", ".join(self.columns)
        old = ", ".join(f"OLD.{name}" for name in self.columns)
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in self._fixed)
        moved = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in self.key)
        yield (
            f"CREATE TRIGGER keep_{table}_deleted BEFORE DELETE ON {table} BEGIN"
            f" SELECT RAISE(ABORT, '{table}: rows are never deleted'); END"
        )
        yield (
            f"CREATE TRIGGER keep_{table}_unversioned BEFORE UPDATE ON {table}"
            f" WHEN NEW.version = OLD.version AND ({changed}) BEGIN"
            f" SELECT RAISE(ABORT, '{table}: a change needs the next version'); END"
        )
        yield (
            f"CREATE TRIGGER keep_{table}_version BEFORE UPDATE ON {table}"
            f" WHEN NEW.version <> OLD.version AND (NEW.version <> OLD.version + 1"
            f" OR NEW.recorded_at < OLD.recorded_at OR {moved}) BEGIN"
            f" SELECT RAISE(ABORT, '{table}: not the next version of the row'); END"
        )
        yield (
            f"CREATE TRIGGER keep_{table} AFTER UPDATE ON {table}"  # noqa: S608
            f" WHEN NEW.version <> OLD.version BEGIN"
            f" INSERT INTO {table}_history ({columns}, superseded_at)"
            f" VALUES ({old}, NEW.recorded_at); END"
        )


def append_only(
    table: str, columns: Sequence[str], free: Sequence[str], dialect: str
) -> Iterator[str]:
    """What keeps the rows of a table as they are, those columns excepted that are `free`."""
    fixed = [name for name in columns if name not in free]
    if dialect == POSTGRESQL:
        changed = _row("NEW", fixed) + " IS DISTINCT FROM " + _row("OLD", fixed)
        yield f"""
            CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF NOT ({changed}) THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION '{table}: rows are only added'
                    USING ERRCODE = 'restrict_violation';
            END $$"""
        yield (
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        )
        return
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in fixed)
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only added'); END"
    yield f"CREATE TRIGGER keep_{table}_deleted BEFORE DELETE ON {table} {refusal}"
    yield f"CREATE TRIGGER keep_{table} BEFORE UPDATE ON {table} WHEN {changed} {refusal}"


def no_overlap(name: str, table: str, owner: str, condition: str, dialect: str) -> Iterator[str]:
    """What keeps the periods of one `owner` apart, among the rows for which `condition` holds."""
    if dialect == POSTGRESQL:
        yield (
            f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist"
            f" ({owner} WITH =, daterange(begins_on, ends_on, '[]') WITH &&)"
            f" WHERE ({condition_of('', condition)})"
        )
        return
    mine = condition_of("NEW", condition)
    other = condition_of("other", condition)
    for event in ("INSERT", "UPDATE"):
        yield (
            f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table} WHEN {mine}"  # noqa: S608
            f" AND EXISTS (SELECT 1 FROM {table} AS other WHERE other.{owner} = NEW.{owner}"
            f" AND other.id <> NEW.id AND {other}"
            f" AND other.begins_on <= coalesce(NEW.ends_on, '9999-12-31')"
            f" AND coalesce(other.ends_on, '9999-12-31') >= NEW.begins_on)"
            f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )


def condition_of(row: str, condition: str) -> str:
    """`condition`, written with ``{row}`` for the row it is about, or for the table's own."""
    return condition.replace("{row}", f"{row}." if row else "")


def partitions(table: str) -> Iterator[str]:
    """The partitions of an append-only table of PostgreSQL: years, and one for all else."""
    for year in FIRST_YEARS:
        yield (
            f"CREATE TABLE {table}_{year} PARTITION OF {table}"
            f" FOR VALUES FROM ('{year}-01-01 00:00:00+00') TO ('{year + 1}-01-01 00:00:00+00')"
        )
    yield f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT"


def _row(name: str, columns: Sequence[str]) -> str:
    return f"({', '.join(f'{name}.{column}' for column in columns)})"
