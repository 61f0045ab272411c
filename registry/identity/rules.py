"""The rules of deciding conflicts, of merges and splits, and of what may not differ."""

from registry.problems import Rule

NOT_DECIDED = Rule("conflict.open", "action", "Конфликт и так открыт")
DECIDED_ALREADY = Rule("conflict.decided", "action", "По конфликту уже принято решение")
NOT_A_CANDIDATE = Rule(
    "conflict.not_a_candidate", "person", "Выбранного человека нет среди кандидатов"
)
PERSON_NEEDLESS = Rule(
    "conflict.person_needless", "person", "Для этого решения человек не выбирается"
)
BY_MISSING = Rule("conflict.by_missing", "by", "Не указано, кто принял решение")
TIME_BACKWARDS = Rule(
    "conflict.time_backwards", "at", "Решение раньше предыдущего события конфликта"
)

SAME_PERSON = Rule("merge.same_person", "absorbed", "Это одна и та же карточка")
SURVIVOR_MERGED = Rule(
    "merge.survivor_merged", "survivor", "Остающаяся карточка уже объединена с другой"
)
ABSORBED_MERGED = Rule(
    "merge.absorbed_merged", "absorbed", "Присоединяемая карточка уже объединена с другой"
)
MERGE_SNILS = Rule("merge.snils_differs", "snils", "У карточек разные СНИЛС, сначала исправьте их")
MERGE_ACTS = Rule(
    "merge.birth_act_differs", "birth_act", "У карточек разные записи акта о рождении"
)
MERGE_OVERLAP = Rule(
    "merge.enrolments_overlap",
    "enrolments",
    "Зачисления на основные программы пересекаются по времени",
)
MERGE_APPLICATIONS = Rule(
    "merge.applications_live",
    "applications",
    "У карточек есть действующие заявления в одну организацию",
    "приказ № 458, приказ № 236",
)
MERGE_TRANSFERS = Rule(
    "merge.transfers_live", "transfers", "У обеих карточек есть незавершённый перевод"
)
MERGE_FAMILY = Rule(
    "merge.representative", "representatives", "Одна карточка — представитель другой"
)
MERGE_UNKNOWN = Rule("merge.unknown", "absorbed", "Карточки с таким номером нет")

SPLIT_DECIDED = Rule("split.reversed", "decision", "Это решение уже отменено")
SPLIT_NO_MERGE = Rule("split.no_merge", "decision", "Такого решения об объединении нет")
SPLIT_UNDONE = Rule(
    "split.no_longer_merged", "decision", "Карточка уже не объединена так, как было решено"
)
SPLIT_UNTOLD = Rule(
    "split.record_untold", "records", "Сведения источника не сохранены, отделить их нельзя"
)
REASON_MISSING = Rule("identity.reason_missing", "reason", "Не указано основание решения")
CONFLICT_UNKNOWN = Rule("conflict.unknown", "conflict", "Конфликта с таким номером нет")

SPLIT_MERGED = Rule("split.merged", "person", "Карточка объединена с другой")
SPLIT_NOTHING = Rule("split.nothing", "records", "Не указано, что отделить")
SPLIT_UNKNOWN = Rule("split.record_unknown", "records", "Сведения не относятся к этому человеку")
SPLIT_EVERYTHING = Rule("split.everything", "records", "В карточке ничего не останется")

# What a child has one of, by the field of `precedence.toml`.
UNCHANGING = {
    rule.field: rule
    for rule in (
        Rule("person.snils_differs", "snils", "Источники указывают разные СНИЛС"),
        Rule(
            "person.birth_date_differs",
            "birth_date",
            "Источники указывают разные даты рождения",
            "143-ФЗ, ст. 22",
        ),
        Rule("person.sex_differs", "sex", "Источники указывают разный пол", "143-ФЗ, ст. 22"),
        Rule(
            "person.birth_act_differs",
            "birth_act",
            "Источники указывают разные записи акта о рождении",
            "143-ФЗ, ст. 22",
        ),
        Rule(
            "person.mothers_differ", "mother", "Источники называют разных матерей", "143-ФЗ, ст. 22"
        ),
    )
}

RULES = (
    NOT_DECIDED,
    DECIDED_ALREADY,
    NOT_A_CANDIDATE,
    PERSON_NEEDLESS,
    BY_MISSING,
    TIME_BACKWARDS,
    SAME_PERSON,
    SURVIVOR_MERGED,
    ABSORBED_MERGED,
    MERGE_SNILS,
    MERGE_ACTS,
    MERGE_OVERLAP,
    MERGE_APPLICATIONS,
    MERGE_TRANSFERS,
    MERGE_FAMILY,
    MERGE_UNKNOWN,
    SPLIT_DECIDED,
    SPLIT_NO_MERGE,
    SPLIT_UNDONE,
    SPLIT_UNTOLD,
    REASON_MISSING,
    CONFLICT_UNKNOWN,
    SPLIT_MERGED,
    SPLIT_NOTHING,
    SPLIT_UNKNOWN,
    SPLIT_EVERYTHING,
    *UNCHANGING.values(),
)
