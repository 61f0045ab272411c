"""The form of a page, its checksum, and the order of pages."""

from collections.abc import Sequence

import pytest
from lxml import etree

from adapters.errors import AdapterError
from adapters.schools.pages import NAMESPACE, Chain, WirePage, read_page
from fixtures.standins.export import checksum

ITEM = "<Pupil><SourceId>1</SourceId></Pupil>"
GOOD_SUM = checksum(ITEM)


def page_xml(
    items: str = ITEM,
    *,
    token: str = "<NextPageToken>t</NextPageToken>",
    checksum_hex: str = GOOD_SUM,
    total: str = "10",
) -> str:
    return (
        f"<Page><Items>{items}</Items>{token}<Checksum>{checksum_hex}</Checksum>"
        f"<Total>{total}</Total></Page>"
    )


def read(inside: str, *, namespace: str = NAMESPACE) -> WirePage:
    text = f'<GetPupilsResponse xmlns="{namespace}">{inside}</GetPupilsResponse>'
    return read_page(etree.fromstring(text), "Pupil", page_size=3)


def test_a_page_is_read() -> None:
    page = read(page_xml())
    assert (len(page.items), page.next_token, page.total) == (1, "t", 10)
    assert read(page_xml(token="")).next_token is None


def test_an_empty_page_is_a_page() -> None:
    page = read(page_xml("", token="", checksum_hex=checksum(""), total="0"))
    assert (page.items, page.total) == ((), 0)


def test_the_checksum_does_not_depend_on_spelling() -> None:
    """Prefixes aside, which canonical XML keeps: quotes, empty tags, CDATA, outer declarations."""
    items = ITEM.replace(">1<", "><![CDATA[1]]><") + "<Pupil/>"
    canonical = ITEM + "<Pupil></Pupil>"
    text = page_xml(items, checksum_hex=checksum(canonical)).replace(
        "<Page>", "<Page xmlns:unused='urn:unused'>\n "
    )
    assert len(read(text).items) == 2


def test_white_space_between_records_counts() -> None:
    items = f"\n  {ITEM}\n"
    assert len(read(page_xml(items, checksum_hex=checksum(items)) + "\n").items) == 1
    with pytest.raises(AdapterError) as caught:
        read(page_xml(items))
    assert caught.value.code == "source.checksum"


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        (page_xml(checksum_hex="0" * 64), "source.checksum"),
        (page_xml(checksum_hex=""), "source.checksum"),
        (page_xml(checksum_hex=GOOD_SUM.upper()), "source.checksum"),
        (page_xml(ITEM.replace("1", "2")), "source.checksum"),
        (page_xml(ITEM * 4, checksum_hex=checksum(ITEM * 4)), "source.broken_page"),
        (page_xml(total="ten"), "source.broken_page"),
        (page_xml(total="-1"), "source.broken_page"),
        (page_xml(total=""), "source.broken_page"),
        (page_xml(total="٣"), "source.broken_page"),
        (page_xml(total="1" * 5000), "source.broken_page"),
        (page_xml(token="<NextPageToken/>"), "source.broken_page"),
        (page_xml(token=f"<NextPageToken>{'t' * 513}</NextPageToken>"), "source.broken_page"),
        (page_xml(token="<Token>t</Token>"), "source.contract_changed"),
        (page_xml(token="<NextPageToken><a/></NextPageToken>"), "source.contract_changed"),
        (page_xml("<Teacher/>"), "source.contract_changed"),
        (page_xml('<Pupil xmlns=""/>'), "source.contract_changed"),
        (page_xml() * 2, "source.contract_changed"),
        ("", "source.contract_changed"),
        ("<Page/>", "source.contract_changed"),
    ],
)
def test_what_is_no_page_is_refused(inside: str, code: str) -> None:
    with pytest.raises(AdapterError) as caught:
        read(inside)
    assert caught.value.code == code


def test_another_namespace_is_another_contract() -> None:
    with pytest.raises(AdapterError) as caught:
        read(page_xml(), namespace="urn://x-artefacts-kontingent/school-export/2.0")
    assert caught.value.code == "source.contract_changed"


def wire(token: str | None, *, records: int = 1, total: int = 3, checksum: str = "") -> WirePage:
    element = etree.Element("a")
    return WirePage((element,) * records, token, checksum or f"sum of {token}", total)


def follow(pages: Sequence[WirePage], *, token: str | None = None) -> None:
    chain = Chain(token)
    for page in pages:
        chain.follow(page)


@pytest.mark.parametrize(
    ("token", "pages"),
    [
        (None, [wire("a"), wire("b"), wire(None)]),
        (None, [wire(None, records=0, total=0)]),
        (None, [wire(None, records=3)]),
        ("a", [wire("b"), wire(None)]),
        (None, [wire("a"), wire("b", records=2), wire(None, records=0)]),
    ],
)
def test_a_chain_that_comes_to_its_end(token: str | None, pages: list[WirePage]) -> None:
    follow(pages, token=token)


@pytest.mark.parametrize(
    ("token", "pages", "detail"),
    [
        (None, [wire("a"), wire("a", checksum="x")], "a page token came twice"),
        (None, [wire("a"), wire("b"), wire("a", checksum="x")], "a page token came twice"),
        ("a", [wire("a")], "a page token came twice"),
        (None, [wire("a", checksum="x"), wire("b", checksum="x")], "a page came twice"),
        (None, [wire("a"), wire("b", total=4)], "Total changed in the middle"),
        (None, [wire("a", records=4)], "more records than Total says"),
        (None, [wire("a"), wire(None)], "fewer records than Total says"),
        (None, [wire("a", records=0)], "an empty page before the last one"),
    ],
)
def test_a_chain_that_does_not_hold(token: str | None, pages: list[WirePage], detail: str) -> None:
    with pytest.raises(AdapterError) as caught:
        follow(pages, token=token)
    assert (caught.value.code, caught.value.detail) == ("source.broken_page", detail)
