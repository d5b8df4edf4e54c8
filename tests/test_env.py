"""Variables are typed, documented, and wrong ones are refused with advice."""

from pathlib import Path

import pytest

from firstbell.env import Env, WrongVariableError


def test_the_default_is_used_where_nothing_is_set():
    env = Env({})
    assert env.text("A", "here", "…") == "here"
    assert env.whole("B", 7, "…") == 7
    assert env.flag("C", "…", default=True) is True
    assert env.names("D", ("x", "y"), "…") == ["x", "y"]
    assert env.choice("E", ("red", "blue"), "blue", "…") == "blue"


def test_values_are_read_and_stripped():
    env = Env({"A": " there ", "B": "12", "C": "off", "D": "a, b,,c", "P": "~"})
    assert env.text("A", "", "…") == "there"
    assert env.whole("B", 7, "…") == 12
    assert env.flag("C", "…", default=True) is False
    assert env.names("D", (), "…") == ["a", "b", "c"]
    assert env.path("P", Path(), "…") == Path.home()


@pytest.mark.parametrize("raw", ["", "three", "-1", "1.5", "²"])
def test_a_wrong_number_is_refused_with_the_meaning(raw):
    with pytest.raises(WrongVariableError, match=r"PORT is .* must be a whole number of at least 1\. It means: Where"):
        Env({"PORT": raw}).whole("PORT", 8000, "Where", least=1)


def test_a_wrong_flag_or_word_is_refused():
    with pytest.raises(WrongVariableError, match="must be yes or no"):
        Env({"C": "perhaps"}).flag("C", "…", default=False)
    with pytest.raises(WrongVariableError, match=r"must be red \| blue"):
        Env({"E": "green"}).choice("E", ("red", "blue"), "blue", "…")


def test_a_secret_comes_directly_or_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("from a file\n", encoding="utf-8")
    assert Env({"KEY": "direct"}).secret("KEY", "…") == "direct"
    assert Env({"KEY_FILE": str(file)}).secret("KEY", "…") == "from a file"
    assert Env({}).secret("KEY", "…", default="demo") == "demo"


def test_a_missing_or_empty_secret_file_is_refused(tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(WrongVariableError, match="No such file"):
        Env({"KEY_FILE": str(tmp_path / "nowhere")}).secret("KEY", "…")
    with pytest.raises(WrongVariableError, match="empty"):
        Env({"KEY_FILE": str(empty)}).secret("KEY", "…")
    with pytest.raises(WrongVariableError, match="keep one of them"):
        Env({"KEY": "a", "KEY_FILE": str(empty)}).secret("KEY", "…")


def test_what_was_read_can_be_listed_without_secrets():
    env = Env({"KEY": "very secret", "PORT": "1"})
    env.secret("KEY", "Signs things.")
    env.whole("PORT", 8000, "Where it listens.")
    assert [variable.name for variable in env.declared] == ["KEY", "PORT"]
    assert "very secret" not in repr(env.declared)
