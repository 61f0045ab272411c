"""The documents on procedures and rules name everything that the register has."""

from ops.procedure_docs import render_procedures, render_rules
from registry.procedures.catalogue import PROCEDURES
from registry.rule_catalogue import CATALOGUE


def test_every_state_action_and_clause_is_documented() -> None:
    text = render_procedures()
    for procedure in PROCEDURES.values():
        section = text.partition(f"(`{procedure.key}`)")[2].partition("\n## ")[0]
        assert all(f"`{state}`" in section for state in procedure.states)
        for line in procedure.transitions:
            assert f"| `{line.action}` |" in section
            assert f"| {line.clause} |" in section
            for source in line.sources:
                assert f"    {source} --> {line.target}: {line.action}\n" in section
        assert all(deadline.text_ru in section for deadline in procedure.deadlines.values())


def test_every_rule_is_documented() -> None:
    text = render_rules()
    for rule in CATALOGUE:
        clause = rule.clause or ""
        row = f"| `{rule.code}` | `{rule.field}` | {rule.message_ru} | {clause} |"
        assert row in text
