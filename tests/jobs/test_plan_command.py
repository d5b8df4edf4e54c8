"""`firstbell plan vectors FILE`, as an operator types it."""

import json
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from firstbell import cli
from tests.planning.cases import differences

CASES = {"erlang_b": [{"a": 5, "c": 10}, {"a": 2, "c": 2}]}
ANSWERS = {
    "erlang_b": [{"a": 5, "c": 10, "B": 0.01838457034, "C": 0.03610535916}, {"a": 2, "c": 2, "B": 0.4, "C": None}]
}


def test_it_prints_the_same_structure_with_answers(tmp_path):
    file, out = tmp_path / "cases.json", StringIO()
    file.write_text(json.dumps(CASES))
    call_command("plan", "vectors", file, stdout=out)
    assert differences(json.loads(out.getvalue()), ANSWERS) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "is not there."),
        ("{", "is not JSON"),
        ('{"erlang_b": [{"a": NaN, "c": 1}]}', "NaN is no number"),
        ('{"palmistry": []}', "There is no family 'palmistry'"),
        ('{"erlang_b": [{"a": "two", "c": 2}]}', "erlang_b, case 1: a must be a number, not 'two'."),
    ],
)
def test_what_it_cant_read_ends_with_one_sentence_and_code_2(monkeypatch, capsys, tmp_path, text, sentence):
    file = tmp_path / "cases.json"
    if text is not None:
        file.write_text(text)
    monkeypatch.setattr(sys, "argv", ["firstbell", "plan", "vectors", str(file)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert sentence in told
    assert told.count("\n") == 1


def test_it_simulates_when_asked(tmp_path):
    file, out = tmp_path / "cases.json", StringIO()
    file.write_text('{"erlang_b": {"a": 2, "c": 2}}')
    call_command("plan", "vectors", file, "--simulate", "3", stdout=out)
    interval = json.loads(out.getvalue())["erlang_b"]["simulated"]["B"]
    assert interval["low"] < 0.4 < interval["high"]
    with pytest.raises(CommandError, match="two runs at least"):
        call_command("plan", "vectors", file, "--simulate", "1", stdout=out)
