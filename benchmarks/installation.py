"""An installation to measure: `kontingent init --demo`, and registers filled with a region."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import tomli_w
from lxml import etree

from adapters.schools.codes import load_code_lists
from adapters.schools.decode import (
    CLASS,
    ORGANISATION,
    PUPIL,
    decode_class,
    decode_organisation,
    decode_pupil,
    decode_records,
)
from adapters.schools.pages import NAMESPACE
from benchmarks.errors import BenchmarkError
from benchmarks.settings import SEED, SOURCE
from fixtures.region import Region
from fixtures.standins.export import render_all, render_class, render_pupil, render_school
from ops.config import CONFIG_NAME, load_config
from ops.data_keys import make_key, make_vault
from ops.demo import initialise, make_demo_pki, write_pki
from ops.errors import OpsError
from registry.imports import (
    ImportBatch,
    ImportReport,
    import_classes,
    import_organisations,
    import_pupils,
)
from signing.errors import SigningError
from signing.providers import load_providers
from store.engine import create_engine_for
from store.unit_of_work import UnitOfWork
from store.vault import Vault

# Messages are signed before they are sent, all of them; the run may take that long.
_DATE_WINDOW_S = 3600
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Installation:
    """A demonstration installation: keys and agencies; which register is used is said apart."""

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / CONFIG_NAME

    @property
    def pki(self) -> Path:
        """The folder of keys and certificates."""
        return self.folder / "pki"

    @property
    def vault(self) -> Vault:
        """The keys of what the register encrypts."""
        vault = load_config(self.config, {}).vault
        if vault is None:
            raise BenchmarkError("installation.failed", "no data keys")
        return vault


def make_pki(folder: Path) -> Path:
    """Make the demonstration's keys and certificates alone, and return their folder."""
    write_pki(folder, make_demo_pki(load_providers(), now=datetime.now(UTC)))
    return folder


def make_installation(folder: Path) -> Installation:
    """Make one with a window of dates that the whole run fits in.

    Raises BenchmarkError `installation.failed`: the GOST engine is missing.
    """
    try:
        initialise(
            folder,
            demo=True,
            database_url=None,
            providers=load_providers(),
            clock=lambda: datetime.now(UTC),
        )
    except (OpsError, SigningError) as error:
        raise BenchmarkError("installation.failed", str(error)) from None
    installation = Installation(folder)
    document = tomllib.loads(installation.config.read_text("utf-8"))
    document.setdefault("exchange", {})["date_window_s"] = _DATE_WINDOW_S
    installation.config.write_text(tomli_w.dumps(document), "utf-8")
    return installation


def make_bench_key() -> str:
    """Return a data key for registers that no installation reads."""
    return make_key("bench")


def vault_of_key(key: str) -> Vault:
    """Return the vault of one configured key."""
    return make_vault([key])


def fill_register(url: str, vault: Vault, *, schools: int, pupils: int) -> tuple[str, ...]:
    """Put a generated region into a register in bulk; return the СНИЛС of its pupils, digits.

    Raises BenchmarkError `region.refused` when a record does not go in.
    """
    region = Region(SEED, schools, pupils)
    engine = create_engine_for(url, vault=vault)
    try:
        for importer, batch in _records(region):
            with UnitOfWork(engine) as work:
                report = importer(
                    ImportBatch(source=SOURCE, records=batch),
                    work.bulk,
                    clock=lambda: datetime.now(UTC),
                )
                work.commit()
            if report.refused:
                raise BenchmarkError("region.refused", f"{len(report.refused)} records")
    finally:
        engine.dispose()
    return tuple(pupil.snils for pupil in region.pupils() if pupil.snils is not None)


def _records(region: Region) -> Iterator[tuple[Callable[..., ImportReport], tuple[Any, ...]]]:
    """The records of each kind as the adapter would hand them on, without the way over HTTP."""
    kinds: tuple[tuple[Any, Iterable[Any], Any, Any, Any], ...] = (
        (
            import_organisations,
            region.organisations(),
            render_school,
            ORGANISATION,
            decode_organisation,
        ),
        (import_classes, region.classes(), render_class, CLASS, decode_class),
        (import_pupils, region.pupils(), render_pupil, PUPIL, decode_pupil),
    )
    for importer, items, render, shape, decoder in kinds:
        rest = iter(items)
        while batch := tuple(islice(rest, _BATCH)):
            yield importer, _decode(render_all(render, batch), shape, decoder)


def _decode(items: str, shape: Any, decoder: Any) -> tuple[Any, ...]:
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False)
    root = etree.fromstring(f'<Items xmlns="{NAMESPACE}">{items}</Items>', parser)
    records, undecodable = decode_records(root, shape, decoder, load_code_lists("gorod.toml"))
    if undecodable:
        raise BenchmarkError("region.refused", f"{len(undecodable)} records can't be read")
    return records
