"""``fakes formula``: one formula with a record, or a line for each case."""

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

from fakes.cli.formula import answer, formula


def run(*arguments, **options):
    return CliRunner().invoke(formula, arguments, **options)


def answers(*cases):
    """The answers to cases; one that is a text is sent as it is."""
    lines = "\n".join(case if isinstance(case, str) else json.dumps(case) for case in cases)
    result = run("--jsonl", input=lines + "\n")
    assert result.exit_code == 0
    return [json.loads(line, parse_float=Decimal) for line in result.stdout.splitlines()]


class TestOneFormula:
    @pytest.mark.parametrize(
        ("text", "printed"),
        [
            ("1 / 4", "0.25"),
            ("1 < 2", "true"),
            ('"a" & "b"', "ab"),
            ('VALUE("")', "(blank)"),
            ("DATE(2024, 2, 29)", "2024-02-29"),
        ],
    )
    def test_the_value_is_printed(self, text, printed):
        result = run(text)

        assert (result.exit_code, result.stdout) == (0, printed + "\n")

    def test_a_record_gives_the_fields(self, tmp_path):
        record = tmp_path / "lead.json"
        record.write_text('{"Amount": 12.5, "Rating": {"type": "picklist", "value": "Hot"}, "Vip": true}')

        result = run('IF(Vip && ISPICKVAL(Rating, "Hot"), Amount * 2, 0)', "--record", str(record))

        assert result.stdout == "25\n"

    def test_a_record_may_be_a_whole_case(self, tmp_path):
        record = tmp_path / "case.json"
        record.write_text(json.dumps({"fields": {"Amount": {"type": "number", "value": None}}, "blankAs": "zero"}))

        assert run("Amount + 1", "--record", str(record)).stdout == "1\n"

    def test_a_formula_that_does_not_compile_is_shown_with_a_caret(self):
        result = run("AND(TRUE,\n  LEN(5) > 1)")

        assert result.exit_code == 2
        assert result.stderr.splitlines() == [
            "Error: Incorrect parameter type for function 'LEN()'. Expected Text, received Number (line 2, column 7)",
            "  LEN(5) > 1)",
            "      ^",
        ]

    def test_one_that_fails_for_the_record_says_why(self):
        result = run("1 / 0")

        assert (result.exit_code, result.stderr) == (1, "Error: Division by zero\n")

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ((), "give a FORMULA, or --jsonl"),
            (("1", "--jsonl"), "--jsonl takes its formulas and records from standard input"),
            (("1", "--record", "missing.json"), "cannot read missing.json"),
        ],
    )
    def test_misuse_is_one_clear_line(self, arguments, problem):
        result = run(*arguments)

        assert result.exit_code == 2
        assert problem in result.stderr
        assert "Traceback" not in result.stderr

    @pytest.mark.parametrize("content", ["{", "[1]", '{"Start": {"type": "date", "value": "soon"}}'])
    def test_a_record_that_cannot_be_read(self, tmp_path, content):
        record = tmp_path / "bad.json"
        record.write_text(content)

        result = run("ISBLANK(Start)", "--record", str(record))

        assert result.exit_code == 2
        assert "Traceback" not in result.stderr

    def test_help_has_examples(self):
        assert "fakes formula --jsonl" in run("--help").stdout


class TestLines:
    def test_one_answer_a_line_in_order(self):
        assert answers(
            {"id": 1, "formula": "1 + 1"},
            {"id": "b", "formula": "LEN(1)"},
            {"id": "c", "formula": "1 / 0"},
        ) == [
            {"id": 1, "value": 2},
            {
                "id": "b",
                "error": "Incorrect parameter type for function 'LEN()'. Expected Text, received Number",
                "phase": "compile",
            },
            {"id": "c", "error": "Division by zero", "phase": "run"},
        ]

    @pytest.mark.parametrize(
        "line",
        ["not json", "[1, 2]", '{"id": 1}', '{"id": 1, "formula": 5}', '{"id": 1, "formula": "1", "blankAs": "x"}',
         '{"id": 1, "formula": "1", "fields": 3}', '{"id": 1, "formula": "NOW()", "tz": "Nowhere/Land"}',
         '{"id": 1, "formula": "TODAY()", "today": "soon"}', '{"id": 1, "formula": "a", "fields": {"a": []}}',
         '{"id": 1, "formula": "a", "fields": {"a": {"type": "date", "value": "soon"}}}',
         '{"id": 1, "formula": "a", "fields": {"a": {"type": "number", "value": {}}}}'],
    )  # fmt: skip
    def test_a_bad_line_is_answered_and_does_not_stop_the_rest(self, line):
        bad, good = answers(line, {"id": 2, "formula": "TRUE"})

        assert good == {"id": 2, "value": True}
        assert bad["id"] in {1, None}

    def test_numbers_keep_all_their_digits(self):
        number = "12345678901234567890.123456789"
        line = f'{{"id": 1, "formula": "a + 0", "fields": {{"a": {{"type": "number", "value": {number}}}}}}}'

        assert answer(line) == f'{{"id": 1, "value": {number}}}'

    @pytest.mark.parametrize(
        ("text", "returns", "value"),
        [
            ("pc", "number", Decimal("0.45")),
            ("pc", "percent", 45),
            ("d + 1", "date", "2024-03-01"),
            ("dt", "datetime", "2024-03-01T03:30:00.000Z"),
            ("DATEVALUE(dt)", "date", "2024-02-29"),
            ("tm", "time", "10:20:30.004"),
            ('INCLUDES(m, "b")', "checkbox", True),
            ("n = 1", "checkbox", None),
            ("f * 3", "number", 6),
            ("ISCHANGED(t)", "checkbox", True),
            ("ISNEW()", "checkbox", False),
            ("TODAY()", "date", "2024-03-15"),
            ("$User.Limit__c + $User.Bonus__c", "number", 7),
            (
                "VLOOKUP($ObjectType.Zone__c.Fields.Rate__c, $ObjectType.Zone__c.Fields.Name, t)",
                "number",
                Decimal("0.15"),
            ),
            ("IF($Permission.Bypass, 1, 0)", "number", 1),
        ],
    )
    def test_the_forms_of_values(self, text, returns, value):
        case = {
            "id": 1,
            "formula": text,
            "returns": returns,
            "blankAs": "blank",
            "tz": "America/Los_Angeles",
            "today": "2024-03-15",
            "fields": {
                "pc": {"type": "percent", "value": 45},
                "d": {"type": "date", "value": "2024-02-29"},
                "dt": {"type": "datetime", "value": "2024-03-01T03:30:00.000Z"},
                "tm": {"type": "time", "value": "10:20:30.004"},
                "m": {"type": "multipicklist", "value": "a;b", "options": {"values": ["a", "b"]}},
                "n": {"type": "number", "value": None},
                "t": {"type": "text", "value": "North", "prior": "South"},
                "f": {"type": "number", "formula": "pc * 0 + 2"},
            },
            "globals": {
                "$User.Limit__c": 5,
                "$User.Bonus__c": {"type": "number", "value": 2},
                "$Permission.Bypass": True,
            },
            "tables": {
                "Zone__c": [{"Name": "North", "Rate__c": 15}],
                "types": {"Zone__c.Rate__c": "percent"},
            },
        }

        assert answers(case) == [{"id": 1, "value": value}]
