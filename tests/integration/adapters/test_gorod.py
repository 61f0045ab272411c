"""«Сетевой город» over real HTTP: everything is pulled, and every failure is a clear stop."""

import time

import pytest

from adapters.errors import AdapterError
from adapters.schools.gorod import GorodAdapter
from adapters.schools.pages import Page
from fixtures.region import Region
from fixtures.standins.gorod import GorodStandIn
from registry.imports import SourcePupil
from tests.integration.adapters.conftest import PAGE_SIZE, PUPILS, settings_for


def pull(adapter: GorodAdapter, token: str | None = None) -> list[Page[SourcePupil]]:
    return list(adapter.pupils(token))


def pages_before_error(adapter: GorodAdapter) -> tuple[list[Page[SourcePupil]], AdapterError]:
    pages: list[Page[SourcePupil]] = []
    try:
        for page in adapter.pupils():
            pages.append(page)  # noqa: PERF402 (keeps what came before the error)
    except AdapterError as error:
        return pages, error
    pytest.fail("the pull came to an end")


def test_everything_is_pulled(standin: GorodStandIn, adapter: GorodAdapter) -> None:
    organisations = [each for page in adapter.organisations() for each in page.records]
    classes = [each for page in adapter.classes() for each in page.records]
    pages = pull(adapter)
    pupils = [each for page in pages for each in page.records]

    assert len(organisations) == 3
    assert len(classes) == standin.region.class_count
    assert len({each.source_id for each in pupils}) == PUPILS
    assert [len(page.records) for page in pages] == [50, 50, 50, 50, 30]
    assert {page.total for page in pages} == {PUPILS}
    assert not any(page.undecodable for page in pages)
    assert {each.organisation_source_id for each in classes} <= {
        each.source_id for each in organisations
    }
    assert {each.enrolment.class_source_id for each in pupils if each.enrolment} == {
        each.source_id for each in classes
    }


def test_values_arrive_as_they_were_sent(standin: GorodStandIn, adapter: GorodAdapter) -> None:
    received = [each for page in pull(adapter) for each in page.records]
    for sent, got in zip(standin.region.pupils(), received, strict=True):
        assert (got.source_id, got.family_name, got.first_name, got.middle_name) == (
            sent.source_id,
            sent.family_name,
            sent.first_name,
            sent.middle_name,
        )
        assert got.birth_date == sent.birth_date
        assert got.sex == {"М": "male", "Ж": "female"}[sent.sex]
        assert got.snils == sent.snils
        assert [each.number for each in got.documents] == [each.number for each in sent.documents]
        assert got.enrolment is not None
        assert got.enrolment.begins_on == sent.enrolled_on
        assert got.enrolment.ends_on is None


def test_a_pull_goes_on_from_a_token(adapter: GorodAdapter) -> None:
    whole = pull(adapter)
    assert pull(adapter, whole[1].next_token) == whole[2:]


def test_the_system_says_who_it_is(standin: GorodStandIn, adapter: GorodAdapter) -> None:
    info = adapter.system_info()
    assert (info.contract_version, info.organisations, info.pupils) == ("1.0", 3, PUPILS)
    assert info.classes == standin.region.class_count


@pytest.mark.parametrize(
    ("failure", "code", "retryable"),
    [
        ("http500", "source.http_error", True),
        ("http503", "source.http_error", True),
        ("redirect", "source.http_error", False),
        ("fault", "source.fault", True),
        ("token_unknown", "source.token_unknown", False),
        ("truncated", "source.broken_page", True),
        ("broken_xml", "source.broken_page", True),
        ("wrong_type", "source.broken_page", True),
        ("compressed", "source.broken_page", False),
        ("doctype", "source.broken_page", False),
        ("utf16", "source.broken_page", False),
        ("soap12", "source.broken_page", False),
        ("wrong_checksum", "source.checksum", True),
        ("repeated_page", "source.broken_page", True),
        ("lost_pages", "source.broken_page", True),
        ("other_total", "source.broken_page", True),
        ("schema_drift", "source.contract_changed", False),
    ],
)
def test_a_failure_stops_the_pull_and_the_next_one_goes_on(
    standin: GorodStandIn, adapter: GorodAdapter, failure: str, code: str, retryable: bool
) -> None:
    whole = pull(adapter)
    standin.fail_next(failure, after_pages=2)

    pages, error = pages_before_error(adapter)

    assert pages == whole[:2]
    assert (error.code, error.retryable) == (code, retryable)
    assert "Иван" not in str(error)
    assert pull(adapter, pages[-1].next_token) == whole[2:]


def test_a_token_that_leads_nowhere_stops_the_pull(
    standin: GorodStandIn, adapter: GorodAdapter
) -> None:
    standin.fail_next("token_loop", times=None)
    pages, error = pages_before_error(adapter)
    assert len(pages) == 1
    assert error.code == "source.token_unknown"


@pytest.mark.parametrize("failure", ["timeout", "drip"])
def test_no_peer_holds_us_longer_than_the_time_out(standin: GorodStandIn, failure: str) -> None:
    adapter = GorodAdapter(settings_for(standin.url, timeout_s=0.4))
    standin.fail_next(failure)
    began = time.monotonic()
    _, error = pages_before_error(adapter)
    assert (error.code, error.retryable) == ("source.timeout", True)
    assert time.monotonic() - began < 2.0


def test_an_endless_answer_is_cut_off(standin: GorodStandIn) -> None:
    adapter = GorodAdapter(settings_for(standin.url, max_response_bytes=300_000))
    standin.fail_next("endless")
    _, error = pages_before_error(adapter)
    assert (error.code, error.retryable) == ("source.broken_page", False)


def test_an_answer_announced_as_too_large_is_not_read(standin: GorodStandIn) -> None:
    adapter = GorodAdapter(settings_for(standin.url, max_response_bytes=1000))
    _, error = pages_before_error(adapter)
    assert error.code == "source.broken_page"
    assert "1000 bytes" in error.detail


def test_a_record_that_cannot_be_read_does_not_stop_the_rest(
    standin: GorodStandIn, adapter: GorodAdapter
) -> None:
    standin.fail_next("bad_record", after_pages=1)
    pages = pull(adapter)
    assert [len(page.records) for page in pages] == [50, 49, 50, 50, 30]
    (bad,) = pages[1].undecodable
    assert bad.source_id == "bad-1"
    assert {(each.code, each.field) for each in bad.problems} == {
        ("record.field_missing", "FirstName"),
        ("record.date_invalid", "BirthDate"),
    }


def test_of_two_records_with_one_id_the_first_is_taken(
    standin: GorodStandIn, adapter: GorodAdapter
) -> None:
    standin.fail_next("duplicate_record")
    page = next(adapter.pupils())
    assert len(page.records) == PAGE_SIZE - 1
    (double,) = page.undecodable
    assert double.source_id == page.records[0].source_id
    assert [each.code for each in double.problems] == ["record.duplicate"]


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"user": "nobody"}, {"password": ""}])
def test_wrong_credentials(standin: GorodStandIn, changes: dict[str, object]) -> None:
    adapter = GorodAdapter(settings_for(standin.url, **changes))
    _, error = pages_before_error(adapter)
    assert (error.code, error.retryable) == ("source.unauthorized", False)


def test_credentials_in_russian(standin: GorodStandIn) -> None:
    with GorodStandIn(Region(1, 1, 30), user="регион", password="пароль: да") as other:
        adapter = GorodAdapter(settings_for(other.url, user="регион", password="пароль: да"))
        assert adapter.system_info().pupils == 30


def test_a_foreign_token_means_begin_again(adapter: GorodAdapter) -> None:
    for token in ("GetPupils.00000000.50", "x", "\u0000", "", "y" * 513):
        with pytest.raises(AdapterError) as caught:
            pull(adapter, token)
        assert caught.value.code == "source.token_unknown"


def test_nobody_at_the_address() -> None:
    standin = GorodStandIn(Region(1, 1, 1))
    url = standin.url
    standin.stop()
    _, error = pages_before_error(GorodAdapter(settings_for(url)))
    assert (error.code, error.retryable) == ("source.unavailable", True)


def test_a_host_that_does_not_exist() -> None:
    adapter = GorodAdapter(settings_for("http://school.invalid/export"))
    _, error = pages_before_error(adapter)
    assert error.code == "source.unavailable"


def test_proxies_of_the_environment_are_not_used(
    standin: GorodStandIn, adapter: GorodAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert len(pull(adapter)) == 5


def test_an_abandoned_pull_leaves_no_connection_open(adapter: GorodAdapter) -> None:
    pages = adapter.pupils()
    next(pages)
    del pages  # an open socket would be a ResourceWarning, and so an error
