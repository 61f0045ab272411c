"""«Сетевой город. Образование»: the organisations, classes and pupils of a municipality.

The product publishes no SOAP interface and no bulk export; what is called here is a contract of
ours (wsdl/school-export-1.0.wsdl), which its vendor or an exporter beside its database
implements. What is the system's own is its code lists, in gorod.toml.
Source: school-systems.md, "Consequences for us".
"""

from dataclasses import dataclass

from adapters.schools.codes import load_code_lists
from adapters.schools.export import ExportAdapter, ExportSettings


@dataclass(frozen=True, slots=True)
class GorodSettings(ExportSettings):
    """Where the export of a «Сетевой город» is; see `ExportSettings`."""


class GorodAdapter(ExportAdapter):
    """Pulls a municipality's organisations, classes and pupils; see `ExportAdapter`."""

    def __init__(self, settings: GorodSettings) -> None:
        super().__init__(settings, load_code_lists("gorod.toml"))
