"""Messages of every shape, as values: fixed ones, and strategies for property tests."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from smev.message import (
    Message,
    Participant,
    Revision,
    Service,
    Status,
    SubMessage,
    TypeCode,
)
from smev.xmltext import collapse

MOMENT = datetime(2026, 9, 1, 7, 30, tzinfo=UTC)
AGENCY = Participant("DEMO00001", "Агентство")
GATEWAY = Participant("KONT00001", "Контингент")
SERVICE = Service("KONT00001", "1.00")

MINIMAL = Message(
    revision=Revision.REV120315,
    sender=AGENCY,
    recipient=GATEWAY,
    type_code=TypeCode.FUNCTION,
    status=Status.REQUEST,
    date=MOMENT,
    exchange_type="2",
)
FULL = Message(
    revision=Revision.REV120315,
    sender=AGENCY,
    recipient=GATEWAY,
    originator=Participant("PGU100001", "Портал"),
    service=SERVICE,
    type_code=TypeCode.OTHER,
    status=Status.PACKET,
    date=MOMENT,
    exchange_type="1",
    request_id_ref="b",
    origin_request_id_ref="a",
    service_code="10001",
    case_number="77-1",
    sub_messages=(
        SubMessage(number="1", status=Status.REQUEST, date=MOMENT),
        SubMessage(
            number="2",
            status=Status.CANCEL,
            date=MOMENT,
            originator=AGENCY,
            request_id_ref="x",
            origin_request_id_ref="y",
            service_code="z",
            case_number="",
        ),
    ),
    test_message="t",
    oktmo="45000000",
)

# What XML 1.0 holds; a carriage return read from a file would have become a line feed.
_texts = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
    ),
    max_size=12,
)
_optional = st.none() | _texts
_dates = st.datetimes(
    min_value=datetime(1900, 1, 2),
    max_value=datetime(2999, 12, 30),
    timezones=st.integers(-840, 840).map(lambda each: timezone(timedelta(minutes=each))),
)
_participants = st.builds(Participant, code=_texts.map(collapse), name=_texts)
_services = st.builds(Service, mnemonic=_texts, version=st.from_regex(r"\A[0-9]{1,2}\.[0-9]{2}\Z"))


def _messages(revision: Revision) -> st.SearchStrategy[Message]:
    old = revision is Revision.REV111111
    statuses = st.sampled_from([each for each in Status if not (old and each is Status.PACKET)])
    kinds = st.sampled_from([each for each in TypeCode if not (old and each is TypeCode.OTHER)])
    forms = (
        st.just((None, None))
        if old
        else st.one_of(
            st.just((None, None)), st.tuples(_services, st.none()), st.tuples(st.none(), _texts)
        )
    )
    entries = st.builds(
        SubMessage,
        number=_texts,
        status=statuses,
        date=_dates,
        originator=st.none() | _participants,
        request_id_ref=_optional,
        origin_request_id_ref=_optional,
        service_code=_optional,
        case_number=_optional,
    )
    return forms.flatmap(
        lambda form: st.builds(
            Message,
            revision=st.just(revision),
            sender=_participants,
            recipient=_participants,
            originator=st.none() | _participants,
            service=st.just(form[0]),
            service_name=st.just(form[1]),
            type_code=kinds,
            status=statuses,
            date=_dates,
            exchange_type=_texts,
            request_id_ref=_optional,
            origin_request_id_ref=_optional,
            service_code=_optional,
            case_number=_optional,
            sub_messages=st.just(()) if old else st.lists(entries, max_size=2).map(tuple),
            test_message=_optional,
            oktmo=st.none() if old else _optional,
        )
    )


messages = st.sampled_from(Revision).flatmap(_messages)
