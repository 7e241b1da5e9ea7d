"""Lines are decoded as they were written; another encoding is refused, never guessed."""

import gzip
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuscope.corpus.sources.lines import checked_encoding, decoded_lines, whole_text
from corpuscope.errors import InputError

TEXT = "Déjà vu\r\n\n“quoted” 你好\u2028same line\x85\x0b\x0c\nlast"
LINES = ["Déjà vu\r\n", "\n", "“quoted” 你好\u2028same line\x85\x0b\x0c\n", "last"]


def written(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def refusal(path: Path, encoding: str | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        whole_text(path, encoding)
    assert caught.value.found.startswith(str(path))
    return caught.value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, None),
        ("UTF8", "utf-8"),
        ("latin-1", "iso8859-1"),
        ("windows-1252", "cp1252"),
        ("Shift_JIS", "shift_jis"),
    ],
)
def test_encodings_have_one_name_each(name: str | None, expected: str | None) -> None:
    assert checked_encoding(name) == expected


@pytest.mark.parametrize("name", ["utf-9", "", "a\x00b", "hex", "rot13"])
def test_what_is_no_encoding_of_texts_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_encoding(name)
    assert caught.value.found == f"there is no encoding {name!r}"
    assert "utf-8" in caught.value.expected
    assert caught.value.next_step == "check the name"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_only_a_line_feed_ends_a_line_in_all_that_can_be_seen(
    tmp_path: Path, encoding: str
) -> None:
    # Where no mark tells it, the zero bytes of plain letters do.
    text = TEXT + " and more plain letters" * 3
    path = written(tmp_path, text.encode(encoding))
    assert list(decoded_lines(path)) == [*LINES[:-1], "last" + " and more plain letters" * 3]
    assert whole_text(path) == text


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_a_mark_is_believed_where_no_byte_is_zero(tmp_path: Path, mark: bytes) -> None:
    order = "le" if mark == b"\xff\xfe" else "be"
    assert whole_text(written(tmp_path, mark + "你好".encode(f"utf-16-{order}"))) == "你好"


def test_a_sign_that_the_first_look_cuts_in_two_hides_no_encoding(tmp_path: Path) -> None:
    text = "a" * 2_047 + "🙂" + "b" * 50
    assert whole_text(written(tmp_path, text.encode("utf-16-le"))) == text


def test_a_mark_within_the_text_stays(tmp_path: Path) -> None:
    assert whole_text(written(tmp_path, b"a\n\xef\xbb\xbfb")) == "a\n\ufeffb"


@pytest.mark.parametrize("encoding", ["cp1252", "gb18030", "shift_jis", "utf-16-le", "utf-32-be"])
def test_a_named_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    text = f"one\n{'é, “no”' if encoding == 'cp1252' else '世界'}\nthree"
    path = written(tmp_path, text.encode(encoding))
    assert list(decoded_lines(path, encoding)) == text.splitlines(keepends=True)


def test_a_named_wide_encoding_takes_off_a_mark_at_the_beginning_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffone\n\ufefftwo\n".encode("utf-16-le"))
    assert list(decoded_lines(path, "utf-16-le")) == ["one\n", "\ufefftwo\n"]


def test_packed_files_are_unpacked_first(tmp_path: Path) -> None:
    assert whole_text(written(tmp_path, gzip.compress(TEXT.encode()))) == TEXT
    assert whole_text(written(tmp_path, gzip.compress(TEXT.encode("utf-16")))) == TEXT


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    assert list(decoded_lines(written(tmp_path, b""))) == []
    assert whole_text(written(tmp_path, b"\xef\xbb\xbf")) == ""


def test_a_few_zero_bytes_are_signs_of_the_text(tmp_path: Path) -> None:
    assert whole_text(written(tmp_path, b"a\x00b\x00\n")) == "a\x00b\x00\n"
    assert whole_text(written(tmp_path, b"\x00" * 50)) == "\x00" * 50


def one_odd_among(n: int) -> bytes:
    return "é\n".encode() * (n - 1) + b"caf\xe9\n" + b"plain\n" * 1_000


def test_one_odd_line_in_twenty_keeps_its_bytes_and_more_are_too_many(tmp_path: Path) -> None:
    lines = list(decoded_lines(written(tmp_path, one_odd_among(20))))
    assert lines[18:21] == ["é\n", "caf\udce9\n", "plain\n"]
    error = refusal(written(tmp_path, one_odd_among(19)))
    assert "line 19, is not UTF-8 (byte 0xe9 at column 4)" in error.found
    assert "as cp1252 it reads 'café'" in error.found
    assert "encoding=" in error.next_step


def test_a_file_in_another_encoding_is_refused_long_before_its_end(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xe9\n" * 1_500)
    lines = decoded_lines(path)
    assert len(list(islice(lines, 999))) == 999
    with pytest.raises(InputError, match="is not UTF-8"):
        next(lines)


def test_the_line_that_tells_most_is_shown_around_its_first_odd_byte(tmp_path: Path) -> None:
    data = b"\xa0\n" + b"x" * 80 + " déjà vu".encode("cp1252") + b"y" * 80 + b"\n"
    found = refusal(written(tmp_path, data)).found
    assert "line 2, is not UTF-8 (byte 0xe9 at column 83)" in found
    assert f"as cp1252 it reads '{'x' * 18} déjà vu{'y' * 34}'" in found


def test_what_is_not_in_the_named_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, b"plain\ncaf\xe9\n"), "ascii")
    assert "line 2, is not ascii" in error.found
    assert error.expected == "text in the encoding given"
    assert error.next_step == "name another encoding, or none"


def test_a_cut_or_broken_wide_file_is_refused_after_its_last_good_line(tmp_path: Path) -> None:
    data = "one\ntwo\n".encode("utf-16-le") + b"\x00\xd8" + "x".encode("utf-16-le") * 9
    error = refusal(written(tmp_path, b"\xff\xfe" + data))
    assert "is not UTF-16" in error.found
    assert error.expected == "text in one encoding throughout"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(
        lambda t: t[:1] != "\ufeff"
    )
)
def test_any_text_comes_back_line_by_line(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text.encode())
    lines = list(decoded_lines(path))
    assert "".join(lines) == text
    assert all(line.find("\n") in (-1, len(line) - 1) for line in lines)
    assert whole_text(written(tmp_path, text.encode("utf-8-sig"))) == text
