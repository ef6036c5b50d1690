"""How every page loads and looks in a browser: nothing jumps, all of it can be read."""

import re

import pytest

from pages.ui.frame import PAGES
from tests.conftest import check_fits, settle, wait_until
from tests.test_browser import wait_for_background
from tests.test_frame import contrast

NAMES = [name for group in PAGES.values() for name, _title, _icon in group]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 400, "height": 900}
# What moved while it was seen, and how far: web.dev/articles/cls says how it is counted.
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    const moved = sources.map(({ node }) => (node?.innerText ?? "").slice(0, 40));
    if (!hadRecentInput) window.shifts.push([value, moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# Colours of what axe does not look at: texts of charts, and of the link to the page that one is on.
OTHER = """() => {
  const colours = (selector, name) =>
    [...document.querySelectorAll(selector)].map((node) => getComputedStyle(node)[name]);
  return [
    getComputedStyle(document.querySelector(".stApp")).backgroundColor,
    [...new Set([
      ...colours(".stVegaLiteChart :is(.role-axis, .role-legend) text", "fill"),
      ...colours(".stPageLink [disabled] p", "color"),
    ])],
  ];
}"""

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def watch(page) -> None:
    page.add_init_script(WATCH)


def check_still(page) -> None:
    """What was seen of the page while it loaded has stayed where it was."""
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _moved in shifts) <= 0.1, shifts


def as_hex(colour: str) -> str:
    return "#" + "".join(f"{int(channel):02x}" for channel in re.findall(r"\d+", colour)[:3])


def check_contrast(page) -> None:
    """All text has 4.5 times the luminance of its ground, or is large: WCAG 2, AA."""
    from axe_playwright_python.sync_playwright import Axe

    def poor() -> list[str]:
        found = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
        return [
            f"{node['html']}: {node['any'][0]['message']}" for v in found for node in v["nodes"]
        ]

    seen = []

    def are_readable() -> bool:  # colours change gradually from theme to theme
        seen[:] = poor()
        return not seen

    try:
        wait_until(are_readable, patience=10)
    except AssertionError:
        pytest.fail("\n".join(seen))
    ground, colours = page.evaluate(OTHER)
    for colour in colours:
        assert contrast(as_hex(colour), as_hex(ground)) >= 4.5, colour


@pytest.mark.parametrize("name", NAMES)
def test_page_loads_without_a_jump_fits_and_can_be_read(visit, name):
    page = visit(name, viewport=NARROW, color_scheme="dark", apart=True, prepare=watch)
    check_still(page)
    check_fits(page)
    page.close()
    page = visit(name, viewport=WIDE, prepare=watch)
    check_still(page)
    check_fits(page)
    page.locator("details:not([open]) > summary").evaluate_all(
        "all => all.map((one) => one.click())"
    )
    settle(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        wait_for_background(page, scheme)
        check_contrast(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_chosen_in_the_sidebar_of_a_race_fits_its_boxes(visit, lang):
    page = visit(f"train?lang={lang}&B.bias=prior", viewport=WIDE)
    check_fits(page, ".stSidebar .stSelectbox input")


def test_a_switch_whose_words_are_long_has_them_in_two_lines(visit):
    page = visit("sweep?s.x.values=12&s.y.values=12&s.seeds=5", viewport=NARROW)
    words = page.locator(".stCheckbox .stMarkdownEllipsis", has_text="Yes, train")
    words.evaluate("words => words.querySelector('p').append(' and some more of them')")
    check_fits(page, ".stCheckbox .stMarkdownEllipsis")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_that_takes_its_time_says_that_it_is_loading(visit, scheme):
    seen = []

    def hold(route) -> None:
        """Streamlit's program comes once the sign was looked at."""
        page = route.request.frame.page
        sign = page.locator("#loading")
        sign.wait_for()
        wait_until(lambda: sign.evaluate("sign => getComputedStyle(sign).opacity") == "1")
        seen.append(sign.inner_text())
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        check_sign(sign.evaluate("sign => getComputedStyle(sign).color"), ground)
        route.continue_()

    def check_sign(colour: str, ground: str) -> None:
        white = ground == "rgba(0, 0, 0, 0)"
        assert white == (scheme == "light")
        assert contrast(as_hex(colour), "#ffffff" if white else as_hex(ground)) >= 4.5

    def prepare(page) -> None:
        watch(page)
        page.route("**/static/js/index*.js", hold)

    page = visit("start?lang=zh", color_scheme=scheme, apart=True, prepare=prepare)
    assert "正在加载" in seen[0]
    assert page.locator("#loading").count() == 0
    check_still(page)
