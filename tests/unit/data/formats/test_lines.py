import pytest

from secmlops.data.formats.lines import line_of_row


@pytest.mark.parametrize(
    ("text", "row", "line"),
    [
        (b"a,b\n1,2\n3,4\n", 0, 2),
        (b"a,b\n1,2\n3,4\n", 1, 3),
        (b"a,b\r\n\r\n1,2\r\n", 0, 3),
        (b'"a\nx",b\n1,"2\n\n2"\n3,4', 1, 6),
        (b"a,b\n1,2\n", 9, 2),
    ],
)
def test_rows_are_found_over_quoted_line_ends_and_empty_lines(text: bytes, row: int, line: int) -> None:
    assert line_of_row([text], row) == line
    assert line_of_row([text[i : i + 1] for i in range(len(text))], row) == line
