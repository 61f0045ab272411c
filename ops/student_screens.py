"""The screens of `kontingent student`, made of the rows that `--json` writes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.printing import one_line
from ops.student_rows import Row
from ops.student_words import StudentWords


class StudentScreens:
    """Shows persons, portfolios, health cards and histories."""

    def __init__(self, screen: Console, language: str) -> None:
        self._screen = screen
        self._say = StudentWords(language)
        self._day = "%d.%m.%Y" if language == "ru" else "%Y-%m-%d"

    def found(self, rows: Iterable[Row]) -> None:
        """Show the persons found."""
        self._table(
            ("person", "name", "born", "СНИЛС", "organisation", "class", "since"),
            (
                (
                    row["person_id"],
                    row["name"],
                    row["birth_date"],
                    row["snils"],
                    row["organisation"],
                    row["class"],
                    row["enrolled_on"],
                )
                for row in rows
            ),
        )

    def card(self, row: Row) -> None:
        """Show the card of a person."""
        say = self._say
        self._head(row)
        self._line("sex", say(row["sex"]))
        citizenship = say.code("citizenship", row["citizenship_code"])
        self._line("citizenship", citizenship, row["country_code"])
        self._line("birth place", row["birth_place"])
        if (act := row["birth_act"]) is not None:
            self._line("birth act", act["number"], act["recorded_on"], act["office"])
        self._section(
            "Documents",
            ("type", "series", "number", "issued", "until"),
            (
                (
                    say.code("identity_document_type", each["type_code"]),
                    each["series"],
                    each["number"],
                    each["issued_on"],
                    each["valid_until"],
                )
                for each in row["documents"]
            ),
        )
        self._section(
            "Addresses",
            ("kind", "address", "since", "until"),
            (
                (say(each["kind"]), each["text"], each["begins_on"], each["ends_on"])
                for each in row["addresses"]
            ),
        )
        self._section(
            "Representatives",
            ("type", "name", "person", "since", "until"),
            (
                (
                    say.code("representative_type", each["type_code"]),
                    each["name"],
                    each["person_id"],
                    each["begins_on"],
                    each["ends_on"],
                )
                for each in row["representatives"]
            ),
        )
        self._studies("Studies", row["studies"])

    def portfolio(self, row: Row) -> None:
        """Show a portfolio."""
        say = self._say
        self._head(row)
        self._studies("Trajectory", row["trajectory"])
        for year in row["results"]:
            self._year(year)
        self._section(
            "Examinations",
            ("day", "kind", "subject", "score", "mark", "passed"),
            (
                (
                    each["held_on"],
                    say(each["kind"]),
                    self._subject(each["subject"]),
                    each["score"],
                    each["mark"],
                    each["passed"],
                )
                for each in row["exams"]
            ),
        )
        self._section(
            "Certificates",
            ("day", "type", "number", "organisation", "honours", "medal", "average"),
            (
                (
                    each["issued_on"],
                    say.code("certificate_type", each["type_code"]),
                    each["number"],
                    each["organisation"],
                    each["with_honours"],
                    say(each["medal"] or ""),
                    each["average"],
                )
                for each in row["certificates"]
            ),
        )
        self._section(
            "Achievements",
            ("kind", "level", "title", "result", "day"),
            (
                (
                    say(each["kind"]),
                    say(each["level"]),
                    each["title"],
                    each["result"],
                    each["achieved_on"],
                )
                for each in row["achievements"]
            ),
        )

    def health(self, rows: Sequence[Row]) -> None:
        """Show a health card."""
        say = self._say
        if not rows:
            self._screen.print(say("The health card is empty."))
            return
        self._section(
            "Health card",
            ("kind", "code", "category", "detail", "since", "until", "source", "valid then"),
            (
                (
                    say(each["kind"]),
                    say.code(each["kind"], each["code"]),
                    say.code("disability_category", each["category"]),
                    each["detail"],
                    each["begins_on"],
                    each["ends_on"],
                    each["source"],
                    each["valid"],
                )
                for each in rows
            ),
        )

    def history(self, rows: Iterable[Row]) -> None:
        """Show changes, a line for each field."""
        self._table(
            (
                "known since",
                "what",
                "true from",
                "version",
                "change",
                "field",
                "before",
                "after",
            ),
            (line for row in rows for line in self._change(row)),
        )

    def _change(self, row: Row) -> Iterable[tuple[object, ...]]:
        say = self._say
        known = datetime.fromisoformat(row["known_since"]).astimezone()
        head = (
            known.strftime(f"{self._day} %H:%M:%S"),
            say.table(row["table"]),
            row["valid_from"],
            row["version"],
            say(row["change"]),
        )
        if not row["fields"]:
            yield (*head, "", "", "")
        for each in row["fields"]:
            yield (*head, say.column(each["name"]), each["old"], each["new"])
            head = ("", "", None, "", "")

    def _head(self, row: Row) -> None:
        self._screen.print(f"[bold]{self._cell(row['name'])}[/]")
        self._line("person", row["person_id"])
        self._line("born", row["birth_date"])
        self._line("СНИЛС", row["snils"])
        for each in row["former_names"]:
            self._line("former name", each["name"], self._say("until"), each["until"])
        self._line("as of", row["as_of"])
        self._line("as known on", row["known_on"])

    def _studies(self, title: str, studies: Iterable[Row]) -> None:
        say = self._say
        self._section(
            title,
            (
                "since",
                "until",
                "organisation",
                "programme",
                "form",
                "classes",
                "came",
                "left",
                "orders",
            ),
            (
                (
                    each["begins_on"],
                    each["ends_on"],
                    each["organisation"],
                    say.code("programme", each["programme_code"]),
                    say.code("education_form", each["form_code"]),
                    ", ".join(stay["class"] for stay in each["classes"] if stay["class"]),
                    say.code("entry_reason", each["entry_reason"]),
                    say.code("exit_reason", each["exit_reason"]),
                    ", ".join(self._orders(each)),
                )
                for each in studies
            ),
        )

    def _orders(self, study: Row) -> Iterable[str]:
        for order in (study["entry_order"], study["exit_order"]):
            if order is not None:
                yield f"№ {order['number']} ({self._text(order['issued_on'])})"

    def _year(self, year: Row) -> None:
        periods = sorted({int(each) for row in year["subjects"] for each in row["terms"]})
        place = year["organisation"] or ""
        first = year["school_year"]
        title = f"{self._say('Results')} {first}/{first + 1}, {year['parallel']}, {place}"
        self._section(
            title,
            ("subject", *(str(each) for each in periods), "year", "final"),
            (
                (
                    self._subject(row["subject"]),
                    *(row["terms"].get(str(each)) for each in periods),
                    row["year"],
                    row["final"],
                )
                for row in year["subjects"]
            ),
        )

    def _subject(self, subject: str) -> str:
        return self._say.code("subject", subject)

    def _line(self, name: str, *values: object) -> None:
        told = " ".join(shown for each in values if (shown := self._text(each)))
        if told:
            self._screen.print(one_line(f"{self._say(name)}: {told}"), markup=False)

    def _section(
        self, title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        shown = list(rows)
        if shown:
            self._screen.print(f"\n[bold]{self._cell(self._say(title))}[/]")
            self._table(headers, shown)

    def _table(self, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        table = Table(box=None, pad_edge=False)
        for header in headers:
            table.add_column(self._say(header))
        for row in rows:
            table.add_row(*(self._cell(each) for each in row))
        self._screen.print(table)

    def _cell(self, value: object) -> str:
        return escape(one_line(self._text(value)))

    def _text(self, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return self._say("yes" if value else "no")
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.strftime(self._day)
        return str(value)


def names_for(names: Mapping[Any, str]) -> Callable[[object], object]:
    """Gives the name of a place or an order for its id, and any other value as it is."""
    return lambda value: names.get(value, value)
