"""Make the pictures of the README again: `python -m tests.take_pictures`. Needs Chromium."""

import re
import shutil

from playwright.sync_api import sync_playwright

from tests.conftest import BROWSER_OPTIONS, BROWSERS, ROOT, Server

PICTURES = ROOT / "data" / "pictures"
RACE = "train?contenders=3&C.loss=bce_pos_weight&C.bce_pos_weight.pos_weight=balanced"


def main() -> None:
    """A race of three losses on debtags, and its thresholds."""
    PICTURES.mkdir(exist_ok=True)
    browser_path = next(filter(None, map(shutil.which, BROWSERS)))
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_OPTIONS)
            page = browser.new_page(viewport={"width": 1440, "height": 1180})
            page.goto(f"{server.url}/{RACE}")
            page.get_by_role("button", name="Run", exact=True).click()
            page.get_by_text("Training · epoch 4.").wait_for(timeout=120_000)
            page.mouse.move(1400, 100)  # no tooltip in the picture
            page.wait_for_timeout(500)
            page.screenshot(path=PICTURES / "train-mid-race.png")
            page.get_by_text("Finished ·").wait_for(timeout=300_000)
            page.set_viewport_size({"width": 1440, "height": 1100})
            run = re.search(r"run=[\w-]+", page.url).group()
            page.goto(f"{server.url}/thresholds?source=race&{run}&t=0.25")
            page.get_by_text("Every label", exact=True).wait_for(timeout=60_000)
            page.wait_for_timeout(3000)
            page.screenshot(path=PICTURES / "thresholds.png")
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
