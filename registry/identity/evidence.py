"""What speaks for two records being of one child, and against it: keys, weights, reasons.

A weight is log2(m / u), in bits: m is how often the fact is seen when the records are of one
child, u how often when they are of two taken at random (Fellegi and Sunter, "A Theory for Record
Linkage", 1969). Where u depends on how common a value is, the weight here is log2(m) and the
value's own rarity, at most `rarity_cap` bits, is added to it (Winkler's frequency-based weights).
m are our estimates of how school systems are filled in; they are not measured on real records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Evidence(StrEnum):
    """Facts about a pair of records; the value is the stable key of the reason."""

    SNILS_SAME = "identity.snils_same"
    SNILS_MISTYPED = "identity.snils_mistyped"
    SNILS_DIFFERENT = "identity.snils_different"
    ACT_SAME = "identity.birth_act_same"
    ACT_CLOSE = "identity.birth_act_close"
    ACT_DIFFERENT = "identity.birth_act_different"
    DOCUMENT_SAME = "identity.document_same"
    DOCUMENT_CLOSE = "identity.document_close"
    DOCUMENT_DIFFERENT = "identity.document_different"
    FAMILY_SAME = "identity.family_name_same"
    FAMILY_CLOSE = "identity.family_name_close"
    FAMILY_PART = "identity.family_name_part"
    FAMILY_FORMER = "identity.family_name_former"
    FAMILY_DIFFERENT = "identity.family_name_different"
    FIRST_SAME = "identity.first_name_same"
    FIRST_VARIANT = "identity.first_name_variant"
    FIRST_CLOSE = "identity.first_name_close"
    FIRST_DOUBTFUL = "identity.first_name_doubtful"
    FIRST_DIFFERENT = "identity.first_name_different"
    MIDDLE_SAME = "identity.middle_name_same"
    MIDDLE_CLOSE = "identity.middle_name_close"
    MIDDLE_MISSING = "identity.middle_name_missing"
    MIDDLE_DIFFERENT = "identity.middle_name_different"
    NAMES_SWAPPED = "identity.names_swapped"
    DATE_SAME = "identity.birth_date_same"
    DATE_SWAPPED = "identity.birth_date_swapped"
    DATE_CLOSE = "identity.birth_date_close"
    DATE_DIFFERENT = "identity.birth_date_different"
    SEX_DIFFERENT = "identity.sex_different"
    PARENT_SAME = "identity.parent_same"
    PARENT_DIFFERENT = "identity.parent_different"
    ORGANISATION_SAME = "identity.organisation_same"
    ORGANISATION_DIFFERENT = "identity.organisation_different"
    CLASS_SAME = "identity.class_same"
    ADDRESS_SAME = "identity.address_same"
    SOURCE_SAME = "identity.source_same"


class Verdict(StrEnum):
    """Why a pair was not joined although much agrees; a reason beside those of `Evidence`."""

    SNILS_CONFLICT = "person.snils_conflict"
    SNILS_OF_ANOTHER = "identity.snils_of_another"
    CONTRADICTION = "identity.contradiction"
    NOT_RARE_ENOUGH = "identity.not_rare_enough"
    RIVALS = "identity.rivals"


@dataclass(frozen=True, slots=True)
class Weight:
    """Bits that a fact adds, why so many, and the reason as a clerk reads it."""

    bits: float
    why: str
    text_ru: str
    rarity_cap: float = 0.0


WEIGHTS: Mapping[Evidence, Weight] = MappingProxyType(
    {
        Evidence.SNILS_SAME: Weight(
            25.0, "one number in 10^9; less 5 bits for numbers given by mistake", "СНИЛС совпадает"
        ),
        Evidence.SNILS_MISTYPED: Weight(
            18.0,
            "invalid, and one mistake away: some 100 neighbours of 10^9, at 1 % of mistakes",
            "СНИЛС записан с ошибкой и отличается на один знак",
        ),
        Evidence.SNILS_DIFFERENT: Weight(
            -10.0,
            "a valid number is somebody else's in one case of a thousand",
            "СНИЛС различаются",
        ),
        Evidence.ACT_SAME: Weight(
            20.0,
            "one act, one child; numbers may be typed into the wrong card",
            "Запись акта та же",
        ),
        Evidence.ACT_CLOSE: Weight(
            3.0,
            "a digit typed wrong, but twins' acts follow each other",
            "Номера записей акта отличаются на один знак",
        ),
        Evidence.ACT_DIFFERENT: Weight(
            -8.0,
            "an act is not made twice; the number may be a certificate's",
            "Записи акта различны",
        ),
        Evidence.DOCUMENT_SAME: Weight(
            20.0, "as with the act", "Документ, удостоверяющий личность, тот же"
        ),
        Evidence.DOCUMENT_CLOSE: Weight(
            3.0,
            "as with the act: twins' certificates follow each other",
            "Номера документов отличаются на один знак",
        ),
        Evidence.DOCUMENT_DIFFERENT: Weight(
            -4.0,
            "one in sixteen of one type: reissued, replaced at 20, or typed wrong",
            "Документы одного вида различны",
        ),
        Evidence.FAMILY_SAME: Weight(
            -1.2,
            "m = 0.9; a bit less, since its form repeats the sex told by the first name",
            "Фамилия совпадает",
            13.0,
        ),
        Evidence.FAMILY_CLOSE: Weight(
            -6.5, "m = 0.03, and a few other names are as near", "Фамилия отличается опиской", 13.0
        ),
        Evidence.FAMILY_PART: Weight(
            -6.0,
            "m = 0.02: half of a double surname left out",
            "Совпадает часть двойной фамилии",
            13.0,
        ),
        Evidence.FAMILY_FORMER: Weight(
            -3.0, "m = 0.2 where a former name is known at all", "Совпадает прежняя фамилия", 13.0
        ),
        Evidence.FAMILY_DIFFERENT: Weight(
            -5.5, "m = 0.02: adoption, or the parents' marriage or divorce", "Фамилии различны"
        ),
        Evidence.FIRST_SAME: Weight(-0.1, "m = 0.95", "Имя совпадает", 11.0),
        Evidence.FIRST_VARIANT: Weight(
            -4.0, "m = 0.05 for names that have variants", "Имя записано в другой форме", 11.0
        ),
        Evidence.FIRST_CLOSE: Weight(
            -7.0, "m = 0.015, and a few other names are as near", "Имя отличается опиской", 11.0
        ),
        Evidence.FIRST_DOUBTFUL: Weight(
            -7.0,
            "one letter apart, but neither is known for a mistake: twins may be named so",
            "Имена похожи, но это могут быть разные имена",
            11.0,
        ),
        Evidence.FIRST_DIFFERENT: Weight(
            -12.0, "hardly ever changed; all that tells twins apart", "Имена различны"
        ),
        Evidence.MIDDLE_SAME: Weight(
            -1.2,
            "m = 0.9; a bit less, since its ending repeats the sex",
            "Отчество совпадает",
            9.0,
        ),
        Evidence.MIDDLE_CLOSE: Weight(
            -6.0, "m = 0.02, and a few other names are as near", "Отчество отличается опиской", 9.0
        ),
        Evidence.MIDDLE_MISSING: Weight(
            0.0, "left out as often as not, whoever it is", "Отчество указано не везде"
        ),
        Evidence.MIDDLE_DIFFERENT: Weight(
            -7.0, "m = 0.008: adoption, or typed beyond recognition", "Отчества различны"
        ),
        Evidence.NAMES_SWAPPED: Weight(
            -7.0, "m = 0.008; it stands in for both fields", "Поля имени переставлены"
        ),
        Evidence.DATE_SAME: Weight(
            12.5, "m = 0.97; one of some 6,000 days in 17 years", "Дата рождения совпадает"
        ),
        Evidence.DATE_SWAPPED: Weight(
            5.0, "m = 0.005; one day of 6,000", "В дате рождения переставлены день и месяц"
        ),
        Evidence.DATE_CLOSE: Weight(
            0.0, "m = 0.005; some 30 days of 6,000", "Дата рождения отличается на одну цифру"
        ),
        Evidence.DATE_DIFFERENT: Weight(-9.0, "m = 0.002", "Даты рождения различны"),
        Evidence.SEX_DIFFERENT: Weight(-6.0, "m = 0.005 against 0.5", "Пол различается"),
        Evidence.PARENT_SAME: Weight(
            7.0, "m = 0.7; first and middle name, one pair in 200", "Представитель тот же"
        ),
        Evidence.PARENT_DIFFERENT: Weight(
            -2.0, "m = 0.2: mother in one source, father in the other", "Представители различны"
        ),
        Evidence.ORGANISATION_SAME: Weight(
            6.0, "m = 0.9; a region has hundreds of organisations", "Организация та же"
        ),
        Evidence.ORGANISATION_DIFFERENT: Weight(
            -2.5, "m = 0.15: moved, and one source is late", "Организации различны"
        ),
        Evidence.CLASS_SAME: Weight(
            3.0, "beside the organisation: one class of some ten a year", "Класс тот же"
        ),
        Evidence.ADDRESS_SAME: Weight(8.0, "m = 0.6; a house of some hundreds", "Адрес совпадает"),
        Evidence.SOURCE_SAME: Weight(
            -8.0,
            "a source seldom holds a child twice; twins and namesakes it holds as two",
            "Оба сведения из одной системы",
        ),
    }
)

VERDICT_TEXTS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.SNILS_CONFLICT: "СНИЛС в реестре принадлежит другому лицу",
        Verdict.SNILS_OF_ANOTHER: "СНИЛС тот же, а имя другое: возможно, указан СНИЛС близнеца",
        Verdict.CONTRADICTION: "Сведения сходятся, но номера, которые не меняются, различны",
        Verdict.NOT_RARE_ENOUGH: "Имя и дата рождения сходятся, но не настолько редки",
        Verdict.RIVALS: "Подходят несколько человек",
    }
)


def reason_text(reason: Evidence | Verdict) -> str:
    """The Russian text of a reason; it holds no values."""
    if isinstance(reason, Verdict):
        return VERDICT_TEXTS[reason]
    return WEIGHTS[reason].text_ru
