"""The Thresholds page in a browser: what follows the pointer, what is typed, files both ways."""

import re
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import pytest

from mlcore.metrics import classification_report
from mlcore.thresholds import Choice, ThresholdSweep, choose
from tests.conftest import check_fits, settle, wait_until
from tests.test_browser import wait_for_background
from tests.thresholds_browser import (
    LINK,
    RULES,
    chart,
    choose_option,
    decided,
    downloaded_report,
    in_link,
    moves,
    no_exception,
    number,
    point,
    readout,
    rule,
    show,
    slider,
)
from tests.thresholds_page import (
    CHOSEN,
    dataset,
    parts,
)

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


class Wire:
    """What goes between a page and the server's script."""

    def __init__(self, page) -> None:
        self.sent: list = []  # by the page, since it was cleared
        self.is_cut = False  # whether answers are kept back
        self.kept: list = []
        page.route_web_socket(re.compile("_stcore/stream"), self.relay)

    def relay(self, socket) -> None:
        server = socket.connect_to_server()

        def ask(message):
            self.sent.append(message)
            server.send(message)

        socket.on_message(ask)
        server.on_message(lambda told: self.kept.append(told) if self.is_cut else socket.send(told))
        self.answer = socket.send

    def mend(self, count: int | None = None) -> None:
        """Hand on the answers that were kept back, or only so many and keep back the others."""
        self.is_cut = count is not None
        for told in self.kept[:count]:
            self.answer(told)
        del self.kept[:count]


@pytest.fixture
def wired(visit):
    """A page, and what goes between it and the server's script."""
    page = visit(LINK)
    wire = Wire(page)
    page.reload()
    settle(page)
    return page, wire


def test_dragging_in_a_chart_shows_every_figure_before_the_server_hears_of_it(wired):
    page, wire = wired
    sweep = chart(page)
    over = sweep.locator(".u-over").first
    over.scroll_into_view_if_needed()
    decided(page, "0.5")
    page.wait_for_timeout(500)
    wire.sent.clear()
    known = parts()
    sweeps = {part: ThresholdSweep(*known[part], thresholds=1001) for part in ("tuning", "report")}
    page.mouse.move(*point(over, 0.5))
    page.mouse.down()
    seen = set()
    for share in (0.45, 0.4, 0.33, 0.2, 0.05, 0.61):
        before = moves(sweep)
        page.mouse.move(*point(over, share))
        page.wait_for_function(
            "([sweep, n]) => Number(sweep.dataset.moves) > n", arg=[sweep.element_handle(), before]
        )
        threshold, rows = readout(chart(page, 1))
        # The pointer stands on whole pixels, of which a chart has some 300.
        assert abs(threshold - share) < 0.005
        seen.add(threshold)
        at = {part: found.at(threshold) for part, found in sweeps.items()}
        for name, figure in (
            ("samples F1", "samples_f1"),
            ("macro F1", "macro_f1"),
            ("samples precision", "samples_precision"),
            ("rows with nothing predicted", "empty_share"),
            ("cells wrong (Hamming loss)", "hamming_loss"),
        ):
            tuning, reported = (at[part][figure] for part in ("tuning", "report"))
            shown = [float(text.replace("−", "-")) for text in rows[name]]
            # Shown to 3 digits, from float32.
            np.testing.assert_allclose(
                shown, [tuning, reported, reported - tuning], atol=5.01e-4, err_msg=name
            )
        assert float(slider(page).input_value()) == threshold
        assert float(number(page).input_value()) == threshold
    assert len(seen) == 6
    assert wire.sent == [], "nothing is sent while held"
    assert page.get_by_text("Threshold 0.5, on the 60 rows").count() == 1
    page.mouse.up()
    decided(page, f"{threshold:.3g}")
    in_link(page, "t", str(threshold))
    predictions = known["report"][1] >= threshold
    expected = classification_report(
        known["report"][0], predictions, label_names=dataset().label_names, macro_over="occurring"
    )
    pd.testing.assert_frame_equal(
        downloaded_report(page), expected, check_names=False, check_dtype=False
    )
    no_exception(page)


def is_kept(page, wire: Wire, words: bytes) -> bool:
    page.wait_for_timeout(20)  # in which the wire is listened to
    return any(words in told for told in wire.kept)


def test_a_late_answer_does_not_move_a_slider_that_has_moved_on(wired):
    page, wire = wired
    chart(page)
    decided(page, "0.5")
    page.evaluate(
        """() => {
            window.moves = [];
            window.addEventListener("lab-drag", ({ detail }) => moves.push(detail.value));
        }"""
    )
    wire.is_cut, answers = True, []
    wire.sent.clear()
    for value in ("0.501", "0.502", "0.503"):
        slider(page).press("ArrowRight")
        wait_until(partial(is_kept, page, wire, f"t={value}".encode()), f"the answer to {value}")
        answers.append((value, len(wire.kept)))
    assert len(wire.sent) == 3, "each step is sent though none before it is answered"
    known = 0
    for value, count in answers:
        wire.mend(count - known)
        known = count
        decided(page, value)
        assert slider(page).input_value() == "0.503"
    wire.mend()
    settle(page)
    moved = page.evaluate("moves")
    assert moved == sorted(moved)
    assert readout(chart(page, 1))[0] == float(slider(page).input_value()) == 0.503
    in_link(page, "t", "0.503")


def test_keyboard_and_number_field_move_the_cursor(visit):
    page = visit(LINK)
    sweep = chart(page, 1)
    slider(page).press("ArrowRight")
    decided(page, "0.501")
    slider(page).press("ArrowLeft")
    slider(page).press("ArrowLeft")
    decided(page, "0.499")
    assert readout(sweep)[0] == 0.499
    for typed, value in (("0.25", "0.25"), ("7", "1"), ("0.1234", "0.123"), ("", "0.123")):
        number(page).fill(typed)
        number(page).press("Enter")
        decided(page, value)
        assert (slider(page).input_value(), number(page).input_value()) == (value, value)
        assert readout(sweep)[0] == float(value)
    in_link(page, "t", "0.123")
    no_exception(page)


def test_the_logarithmic_axis_is_dragged_where_the_pointer_is(visit):
    page = visit(f"{LINK}&logt=True")
    sweep = chart(page)
    over = sweep.locator(".u-over").first
    over.scroll_into_view_if_needed()
    page.mouse.move(*point(over, 0.9))
    page.mouse.down()
    page.mouse.move(*point(over, 2 / 3))
    page.wait_for_function("sweep => sweep.dataset.place < 300", arg=sweep.element_handle())
    # From 0.001 to 1 two thirds of the way are 0.1.
    wait_until(lambda: 0.09 < readout(chart(page, 1))[0] < 0.11)
    threshold, _ = readout(chart(page, 1))
    page.mouse.up()
    decided(page, f"{threshold:.3g}")


def test_a_rule_takes_the_cursor_along_and_a_moved_cursor_leaves_the_rule(visit):
    page = visit(LINK)
    sweep = chart(page, 1)
    choice = choose("global", *parts()["tuning"])
    rule(page, "One threshold").click()
    decided(page, choice)
    place = round(choice.threshold, 3)
    in_link(page, "t", str(place))
    assert float(slider(page).input_value()) == place
    assert readout(sweep)[0] == place
    rule(page, "One for each label").click()
    page.get_by_text("Each label has its own threshold, from 0.").wait_for()
    corner = sweep.locator(".readout thead th").first
    wait_until(lambda: "not at the cursor: One for each label" in corner.inner_text())
    assert sweep.evaluate("sweep => sweep.matches('.unled')")
    told = downloaded_report(page).loc["micro avg", "f1-score"]
    _, micro, _ = sweep.locator(".readout tbody tr").first.locator("td").all_inner_texts()
    assert float(micro) == pytest.approx(told, abs=5.01e-4)
    slider(page).press("ArrowRight")
    wait_until(lambda: corner.inner_text() == f"at threshold {place + 0.001:.3f}")
    decided(page, f"{place + 0.001:.3g}")
    assert not sweep.evaluate("sweep => sweep.matches('.unled')")
    in_link(page, "rule", None)
    assert rule(page, "The cursor").get_attribute("aria-checked") == "true"
    no_exception(page)


def test_dragging_a_labels_own_threshold_changes_the_report_of_that_label_only(visit):
    known = parts()
    choice = choose("global", *known["tuning"])
    page = visit(f"{RULES}&rule=global&t={round(choice.threshold, 3)}&label=label+3")
    decided(page, choice)
    before = downloaded_report(page)
    sweep = chart(page)
    over = sweep.locator(".u-over").nth(1)
    over.scroll_into_view_if_needed()
    page.mouse.move(*point(over, 0.3))
    page.mouse.down()
    page.mouse.move(*point(over, 0.8), steps=5)
    page.wait_for_function("sweep => sweep.dataset.place > 790", arg=sweep.element_handle())
    threshold, rows = readout(sweep)
    limits = np.full(8, choice.threshold)
    limits[2] = threshold
    for part, shown in zip(
        ("tuning", "report"), rows["macro F1, each label at its own threshold"], strict=False
    ):
        expected = ThresholdSweep(*known[part]).at(limits)["macro_f1"]
        assert float(shown) == pytest.approx(expected, abs=5.1e-5)
    page.mouse.up()
    page.get_by_text("Moved by hand: 1 of 8 labels.").wait_for()
    in_link(page, "rule", "own")
    assert rule(page, "Label by label, by hand").get_attribute("aria-checked") == "true"
    threshold, _ = readout(sweep)
    limits[2] = threshold
    decided(page, Choice(rule="own", threshold=limits))
    after = downloaded_report(page)
    labels = [name for name in after.index if name.startswith("label")]
    differ = (before != after).any(axis=1)
    assert [name for name in labels if differ[name]] == ["label 3"]
    predictions = known["report"][1] >= limits
    expected = classification_report(
        known["report"][0], predictions, label_names=dataset().label_names, macro_over="occurring"
    )
    pd.testing.assert_frame_equal(after, expected, check_names=False, check_dtype=False)
    show(page, "Drag")
    assert float(slider(page).input_value()) == round(choice.threshold, 3), "the cursor stays"
    corner = chart(page, 1).locator(".readout th").first
    wait_until(lambda: "Label by label, by hand" in corner.inner_text())
    no_exception(page)


def test_thresholds_of_two_labels_survive_a_reload_and_one_back_undoes_one_of_them(visit):
    choice, threshold = choose("global", *parts()["tuning"]), 0.7
    limits = np.full(8, choice.threshold)
    limits[2] = threshold
    page = visit(f"{RULES}&rule=own&own=3-.7&label=label+3")
    chart(page)
    choose_option(page, "Selected label", "label 1")
    page.get_by_text("Threshold of label 1 alone").wait_for()
    assert float(slider(page).input_value()) == round(choice.threshold, 3)
    slider(page).press("ArrowRight")
    page.get_by_text("Moved by hand: 2 of 8 labels.").wait_for()
    choose_option(page, "Selected label", "label 3")
    page.get_by_text("Threshold of label 3 alone").wait_for()
    assert float(slider(page).input_value()) == threshold
    no_exception(page)
    first = round(choice.threshold, 3) + 0.001
    in_link(page, "own", f"1-{first:.3g}_3-{threshold:g}".replace("-0.", "-."))

    both = downloaded_report(page)
    page.reload()
    settle(page)
    page.get_by_text("Moved by hand: 2 of 8 labels.").wait_for()
    pd.testing.assert_frame_equal(downloaded_report(page), both)
    page.go_back()
    page.get_by_text("Threshold of label 1 alone").wait_for()
    page.get_by_text("Moved by hand: 2 of 8 labels.").wait_for()
    page.go_back()
    page.get_by_text("Moved by hand: 1 of 8 labels.").wait_for()
    in_link(page, "own", f"3-{threshold:g}".replace("-0.", "-."))
    decided(page, Choice(rule="own", threshold=limits))
    page.go_forward()
    page.get_by_text("Moved by hand: 2 of 8 labels.").wait_for()
    no_exception(page)


def test_a_labels_threshold_let_go_while_the_page_is_drawn_anew_is_taken(visit):
    page = visit(f"{RULES}&label=label+3")
    chart(page)
    settle(page)
    page.get_by_role("combobox", name="Average in detail").click()
    page.get_by_role("option", name="micro", exact=True).evaluate(
        """option => {
            option.click();
            const detail = { key: "own 2", value: 0.7, done: true };
            window.dispatchEvent(new CustomEvent("lab-drag", { detail }));
        }"""
    )
    page.get_by_text("Moved by hand: 1 of 8 labels.").wait_for()
    in_link(page, "rule", "own")
    in_link(page, "average", "micro")
    no_exception(page)


def test_512_labels_are_dragged_through(visit):
    page = visit("thresholds?truth.labels=512&truth.rows=1000")
    sweep = chart(page)
    over = sweep.locator(".u-over").first
    over.scroll_into_view_if_needed()
    page.mouse.move(*point(over, 0.5))
    page.mouse.down()
    page.mouse.move(*point(over, 0.2), steps=20)
    page.wait_for_function("sweep => sweep.dataset.place < 210", arg=sweep.element_handle())
    page.mouse.up()
    page.get_by_text(re.compile(r"Threshold 0\.\d+, on the 150 rows")).wait_for()
    settle(page)  # until then its buttons may be those of the run before
    assert len(downloaded_report(page)) == 512 + 4
    no_exception(page)


def test_settings_survive_a_reload(visit):
    page = visit(LINK)
    choose_option(page, "β of F", "2")
    in_link(page, "beta", "2.0")
    choose_option(page, "Average in detail", "micro")
    in_link(page, "average", "micro")
    page.get_by_text("Logarithmic threshold").click()
    in_link(page, "logt", "True")
    number(page).fill("0.3")
    number(page).press("Enter")
    decided(page, "0.3")
    rule(page, "One for each label").click()
    in_link(page, "rule", "per_label")
    for _ in range(2):
        for key, value in CHOSEN["drag"].items():
            in_link(page, key, None if key == "rule.global.metric" else value)
        assert slider(page).input_value() == "0.3"
        names = chart(page, 1).locator(".readout th").all_inner_texts()
        assert "One for each label" in names[0]
        assert "micro F2" in names
        assert rule(page, "One for each label").get_attribute("aria-checked") == "true"
        page.reload()
        settle(page)
    no_exception(page)


def test_the_page_fits_its_window(visit):
    page = visit(LINK, viewport={"width": 400, "height": 900})
    show(page, "Rules")
    page.get_by_role("button", name="Skip").click()
    for part, scheme, width in product(("Rules", "Drag"), ("light", "dark"), (400, 1440)):
        show(page, part)
        page.emulate_media(color_scheme=scheme)
        chart(page)
        check_fits(page, ".curves", width=width)
        wait_for_background(page, scheme)
    no_exception(page)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_charts_stand_two_by_two_from_1100_pixels_on(visit, language):
    page = visit(f"{LINK}&lang={language}")
    panels = page.locator(".curves .panels").nth(1)
    for width in (1100, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(
            lambda: (
                panels.evaluate("it => getComputedStyle(it).gridTemplateColumns").count("px") == 2
            ),
            f"two columns at {width}",
        )
    no_exception(page)
