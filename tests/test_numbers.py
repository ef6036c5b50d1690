"""How numbers are written: what was written is read again, and never wider than it need be."""

import pytest

from pages.ui.kit.numbers import about, exact, filled, four, signed, six, three, told

VALUES = (1e-9, 4.9e-5, 5e-5, 1e-3, 0.5, 1.0, 123.4, 99_999.0, 1e5, 123_456.7, 3e8)


def read(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


@pytest.mark.parametrize(
    ("write", "relative", "absolute"),
    [
        (exact, 0, 0),
        (told, 0, 0),
        (three, 0.05, 0),
        (four, 0.05, 5e-5),
        (six, 5e-5, 5e-7),
        (signed, 0, 5e-6),
    ],
)
def test_what_is_written_is_read_as_the_number(write, relative, absolute):
    for value in (*VALUES, *(-value for value in VALUES)):
        assert read(write(value)) == pytest.approx(value, rel=relative, abs=absolute)


def test_three_digits_are_three_and_six_decimals_six():
    for value in VALUES:
        if 1e-3 <= value < 1e3:
            assert len(three(value).replace(".", "").lstrip("0")) == 3
        if value < 1e6:
            assert len(six(value).partition(".")[2]) == 6


def test_a_time_is_as_exact_as_it_is_known():
    assert [about(s) for s in (None, float("nan"), 0.2, 89, 150)] == [
        *["for an unknown time"] * 2,
        *("less than a second", "about 89 s", "about 2 min"),
    ]


@pytest.mark.parametrize("write", [told, three, four, six, signed])
def test_what_is_read_has_a_minus_and_no_hyphen(write):
    for value in VALUES:
        assert "-" not in write(-value)
        assert write(-value).startswith("−")


def test_only_numbers_of_a_text_have_a_minus():
    text = filled("{name} {values[1]:+.2f} {whole:,}", name="a-b", values=[0, -2.5], whole=-1234)
    assert text == "a-b −2.50 −1,234"
