"""Which fields of a source's records hold codes, and of which lists.

Every function yields the codes that are filled in, as received: known ones and unknown ones.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from registry.codes import CodeList
from registry.model import HealthKind
from registry.sources import (
    SourceCertificate,
    SourceClass,
    SourceEnrolment,
    SourceExam,
    SourceHealthItem,
    SourceMark,
    SourceOrganisation,
    SourcePupil,
    SourceRepresentative,
    SourceStudy,
)

Coded = Iterator[tuple[CodeList, str]]

# The other kinds have no list: conclusions, diagnoses and vaccines are kept as they are written.
_HEALTH_LISTS: Mapping[str, CodeList] = MappingProxyType(
    {
        HealthKind.HEALTH_GROUP: CodeList.HEALTH_GROUP,
        HealthKind.PHYSICAL_EDUCATION_GROUP: CodeList.PHYSICAL_EDUCATION_GROUP,
        HealthKind.DISABILITY: CodeList.DISABILITY,
        HealthKind.LONG_TREATMENT: CodeList.LONG_TREATMENT,
    }
)


def organisation_codes(record: SourceOrganisation) -> Coded:
    """The codes of an organisation."""
    yield from _filled(
        (CodeList.ORGANISATION_TYPE, record.type_code),
        (CodeList.ORGANISATION_STATUS, record.status_code),
        (CodeList.OWNERSHIP_FORM, record.okfs),
        (CodeList.LEGAL_FORM, record.okopf),
    )


def class_codes(record: SourceClass) -> Coded:
    """The codes of a class."""
    yield from _filled((CodeList.LANGUAGE, record.language_code))


def pupil_codes(record: SourcePupil) -> Coded:
    """The codes of a pupil, with documents, representatives and the enrolment."""
    yield from _filled(
        (CodeList.CITIZENSHIP, record.citizenship_code), (CodeList.COUNTRY, record.country_code)
    )
    for document in record.documents:
        yield from _filled((CodeList.IDENTITY_DOCUMENT_TYPE, document.type))
    for representative in record.representatives:
        yield from _representative_codes(representative)
    if record.enrolment is not None:
        yield from _study_codes(record.enrolment)


def study_codes(record: SourceStudy) -> Coded:
    """The codes of an enrolment beside the present one."""
    yield from _study_codes(record)
    yield from _filled((CodeList.EXIT_REASON, record.exit_reason))


def health_codes(record: SourceHealthItem) -> Coded:
    """The codes of a statement on health, of those kinds that have a list."""
    code_list = _HEALTH_LISTS.get(record.kind)
    if code_list is not None:
        yield from _filled((code_list, record.code))
    if code_list is CodeList.DISABILITY:
        yield from _filled((CodeList.DISABILITY_CATEGORY, record.category))


def subject_codes(record: SourceMark | SourceExam) -> Coded:
    """The subject of a mark or an examination."""
    yield from _filled((CodeList.SUBJECT, record.subject))


def certificate_codes(record: SourceCertificate) -> Coded:
    """The codes of a document on education."""
    yield from _filled((CodeList.CERTIFICATE_TYPE, record.type_code))


def _representative_codes(record: SourceRepresentative) -> Coded:
    yield from _filled(
        (CodeList.REPRESENTATIVE_TYPE, record.type_code),
        (CodeList.AUTHORITY_DOCUMENT_TYPE, record.authority_type_code),
    )


def _study_codes(record: SourceEnrolment | SourceStudy) -> Coded:
    yield from _filled(
        (CodeList.EDUCATION_FORM, record.form_code),
        (CodeList.PROGRAMME, record.programme_code),
        (CodeList.ENTRY_REASON, record.entry_reason),
    )


def _filled(*fields: tuple[CodeList, str | None]) -> Coded:
    for code_list, code in fields:
        if code:
            yield code_list, code
