"""The playground as a visitor has it, in headless Chromium on this machine.

    python -m tests.benchmarks.bench_playground              # all of it, some minutes
    python -m tests.benchmarks.bench_playground --visitors 10 # so many drag at once

It prints when there is a title, a picture and a picture that moves, from the navigation on, each
time with a browser that has loaded nothing; the layout shift; how often the picture is drawn anew
while each slider is dragged in each scene, how long after a move, and what is sent meanwhile.
Browser and server share the machine.
"""

import argparse
import shutil
import time

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import BROWSER_OPTIONS, BROWSERS, Server

VISITS = 10
DRAG_SECONDS = 4.0
MOVES = 30
SCENES = {
    "digits": {"focal.pos_weight": (1, 30), "digits.exponent": (0.2, 2.8)},
    "tags": {},
    "truth": {"focal.pos_weight": (1, 30), "truth.exponent": (0.2, 1.8)},
    "plane": {"focal.pos_weight": (1, 30), "plane.rare": (0.01, 0.2)},
}
CUT, TIME = "t", "stage.time"
# Run before the page's own scripts: notes when there is a title, a picture, and one that moves.
WATCH = """
window.seen = { shift: 0 };
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    if (!entry.hadRecentInput) seen.shift += entry.value;
})).observe({ type: "layout-shift", buffered: true });
window.stage = () => {
    for (const host of document.querySelectorAll("[data-testid=stBidiComponentIsolated]")) {
        const found = host.shadowRoot?.querySelector(".stage");
        if (found) return found;
    }
};
const look = () => {
    if (document.querySelector("h1")) seen.title ??= performance.now();
    const found = stage(), draws = Number(found?.dataset.draws ?? 0);
    if (draws >= 1) seen.picture ??= performance.now();
    if (draws >= 2 && found.dataset.place > 0) seen.moving ??= performance.now();
    if (!seen.moving) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
# Moves a slider back and forth, as a hand does, and counts what is drawn.
DRAG = """async ([key, low, high, seconds]) => {
    const root = stage(), count = (name) => Number(root.dataset[name] ?? 0);
    const tell = (value, done) =>
        dispatchEvent(new CustomEvent("lab-drag", { detail: { key, value, done } }));
    const begun = performance.now(), before = [count("draws"), count("runs")];
    let value = low;
    while (performance.now() - begun < 1000 * seconds) {
        const share = ((performance.now() - begun) / 2000) % 2;
        value = low + (high - low) * (share < 1 ? share : 2 - share);
        tell(value, false);
        await new Promise(requestAnimationFrame);
    }
    const took = (performance.now() - begun) / 1000;
    const rates = [count("draws") - before[0], count("runs") - before[1]].map((n) => n / took);
    tell(value, true);
    return rates;
}"""
# One move at a time: how long until the picture of it is drawn.
MOVE = """async ([key, low, high, moves]) => {
    const root = stage(), waits = [];
    for (let move = 0; move < moves; move += 1) {
        const value = low + ((high - low) * (move + 0.5)) / moves;
        const runs = root.dataset.runs, begun = performance.now();
        dispatchEvent(new CustomEvent("lab-drag", { detail: { key, value, done: false } }));
        while (root.dataset.runs === runs && performance.now() - begun < 5000) {
            await new Promise((go) => setTimeout(go, 1));
        }
        await new Promise(requestAnimationFrame);
        waits.push(performance.now() - begun);
        await new Promise((go) => setTimeout(go, 60));
    }
    return waits;
}"""


def open_page(browser: Browser, url: str, *, moves: bool = False) -> Page:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        reduced_motion="no-preference" if moves else "reduce",
    )
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    return page


def wait_live(page: Page) -> None:
    page.locator(".chip", has_text="Trained live").wait_for(timeout=120_000)
    page.wait_for_timeout(300)


def first_pixels(browser: Browser, url: str, visits: int) -> None:
    """From navigation to the first moving picture, with nothing loaded before."""
    seen = []
    for _ in range(visits):
        page = open_page(browser, url, moves=True)
        page.wait_for_function("window.seen.moving", timeout=60_000)
        page.wait_for_timeout(1500)
        seen.append(page.evaluate("window.seen"))
        page.context.close()
    for name in ("title", "picture", "moving"):
        times = [each[name] / 1000 for each in seen]
        print(f"{name:10} median {np.median(times):.2f} s, worst {max(times):.2f} s, of {visits}")
    print(f"layout shift: worst {max(each['shift'] for each in seen):.3f}")


def drags(browser: Browser, url: str) -> None:
    """Each slider in each scene, one visitor."""
    heads = ("drawn/s", "runs/s", "p50 ms", "p95 ms", "kB/s")
    print(f"\n{'scene':8}{'slider':20}" + "".join(f"{head:>8}" for head in heads))
    for scene, sliders in SCENES.items():
        page = open_page(browser, f"{url}/?scene={scene}&step=5")
        received = count_bytes(page)
        wait_live(page)
        for key, (low, high) in {**sliders, CUT: (0.1, 0.9), TIME: (0, 120)}.items():
            page.wait_for_timeout(500)
            before = received[0]
            draws, runs = page.evaluate(DRAG, [key, low, high, DRAG_SECONDS])
            rate = (received[0] - before) / DRAG_SECONDS / 1000
            waits = [np.nan]
            if key not in (CUT, TIME):
                page.wait_for_timeout(1000)
                waits = page.evaluate(MOVE, [key, low, high, MOVES])
            p50, p95 = np.percentile(waits, [50, 95])
            print(f"{scene:8}{key:20}{draws:8.1f}{runs:8.1f}{p50:8.0f}{p95:8.0f}{rate:8.0f}")
        page.context.close()


def count_bytes(page: Page) -> list[int]:
    """A count of what comes over sockets that are opened from now on, first those that are."""
    received = [0]

    def listen(socket) -> None:
        socket.on("framereceived", lambda data: received.__setitem__(0, received[0] + len(data)))

    page.on("websocket", listen)
    page.reload()
    return received


def many(browser: Browser, url: str, visitors: int) -> None:
    """So many visitors who drag the weight of the digits at once."""
    pages = [open_page(browser, f"{url}/?step=5") for _ in range(visitors)]
    for page in pages:
        wait_live(page)
    start = f"window.dragged = ({DRAG})(['focal.pos_weight', 1, 30, 8])"
    for page in pages:
        page.evaluate(f"() => {{ {start}; }}")
    rates = np.array([page.evaluate("() => window.dragged") for page in pages])
    print(f"\n{visitors} visitors drag: {rates[:, 1].mean():.1f} runs a second for each, "
          f"{rates[:, 1].sum():.1f} in all; drawn {rates[:, 0].mean():.1f} a second")  # fmt: skip
    for page in pages:
        page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--visits", type=int, default=VISITS)
    options = parser.parse_args()
    path = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        server = Server()
        try:
            print("cold server: ", end="")
            first_pixels(browser, server.url, 1)
            time.sleep(15)  # what a server loads behind its first page
            print("\nwarm server, cold browser")
            first_pixels(browser, server.url, options.visits)
            drags(browser, server.url)
            many(browser, server.url, options.visitors)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
