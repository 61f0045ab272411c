"""The names of the lists and of the mappings; each is the name of a data file."""

from enum import StrEnum


class CodeList(StrEnum):
    """The lists; those of УФТТ by numbers, the register's own by keys. Files: `lists/`."""

    # Persons and their documents.
    CITIZENSHIP = "citizenship"
    COUNTRY = "country"  # ОКСМ
    IDENTITY_DOCUMENT_TYPE = "identity_document_type"
    REPRESENTATIVE_TYPE = "representative_type"
    AUTHORITY_DOCUMENT_TYPE = "authority_document_type"
    # Health.
    HEALTH_GROUP = "health_group"
    PHYSICAL_EDUCATION_GROUP = "physical_education_group"
    DISABILITY = "disability"
    DISABILITY_CATEGORY = "disability_category"
    LONG_TREATMENT = "long_treatment"
    # Organisations and programmes.
    ORGANISATION_TYPE = "organisation_type"
    ORGANISATION_STATUS = "organisation_status"
    OWNERSHIP_FORM = "ownership_form"  # ОКФС
    LEGAL_FORM = "legal_form"  # ОКОПФ
    LANGUAGE = "language"
    PROGRAMME = "programme"
    ADAPTATION = "adaptation"
    LIMITED_HEALTH_SCHOOLING = "limited_health_schooling"  # ОВЗ
    # Studies and what they lead to.
    EDUCATION_FORM = "education_form"
    REALISATION_FORM = "realisation_form"
    FUNDING = "funding"
    ENTRY_REASON = "entry_reason"
    EXIT_REASON = "exit_reason"
    SUBJECT = "subject"
    CERTIFICATE_TYPE = "certificate_type"
    # Admission.
    PRIVILEGE = "privilege"
    KINDERGARTEN_STATE = "kindergarten_state"
    # Lists of others, for the mappings.
    EXCHANGE_CITIZENSHIP = "exchange_citizenship"
    PORTAL_ADAPTATION = "portal_adaptation"
    KINDERGARTEN_PORTAL_STATUS = "kindergarten_portal_status"


class CodeMapping(StrEnum):
    """The mappings between a list of ours and a list of others. Files: `mappings/`."""

    CITIZENSHIP_EXCHANGE = "citizenship_exchange"
    ADAPTATION_PORTAL = "adaptation_portal"
    KINDERGARTEN_PORTAL = "kindergarten_portal"


class PrivilegeRank(StrEnum):
    """In which turn a privilege puts an application; the order of ranks is the policy's."""

    EXTRAORDINARY = "extraordinary"  # внеочередное право
    FIRST = "first"  # первоочередное право
    PREFERENTIAL = "preferential"  # преимущественное право


BIRTH_CERTIFICATE = "11"
RUSSIAN_PASSPORT = "12"
