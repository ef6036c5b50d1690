"""Make the pictures of the README again: `python -m tests.take_pictures`. Needs Chromium."""

import io
import math
import re
import shutil
import time
from itertools import pairwise

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import BROWSER_OPTIONS, BROWSERS, ROOT, Server

PICTURES = ROOT / "data" / "pictures"
RACE = "train?contenders=3&C.loss=bce_pos_weight&C.bce_pos_weight.pos_weight=balanced"


WIDE, QUALITY = 960, 55  # pixels and WebP's quality of the moving picture: below 2 MB in all


def main() -> None:
    """The playground in use, a race of three losses on debtags, and its thresholds."""
    PICTURES.mkdir(exist_ok=True)
    browser_path = next(filter(None, map(shutil.which, BROWSERS)))
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_OPTIONS)
            take_playground(browser, server.url)
            take_race(browser, server.url)
            browser.close()
    finally:
        server.stop()


def take_playground(browser: Browser, url: str) -> None:
    """It plays its recording, then the weight is dragged, then the threshold."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{url}/?rate=0.02")  # so that what trains is there before the recording is touched
    page.locator(".chip", has_text="Trained live").wait_for(timeout=120_000)
    page.goto(url)
    page.locator(".stage[data-draws]").wait_for()
    shots: list[tuple[float, Image.Image]] = []
    for _ in range(20):
        shoot(page, shots)
    for name, start, end in (("Positive weight", 0.33, 0.85), ("Threshold", 0.5, 0.8)):
        box = page.get_by_role("slider", name=name, exact=True).bounding_box()
        up = box["y"] + box["height"] / 2
        for step in range(26):
            share = start + (end - start) * (1 - math.cos(math.pi * step / 25)) / 2
            page.mouse.move(box["x"] + share * box["width"], up)
            if step == 0:
                page.mouse.down()
            shoot(page, shots)
        page.mouse.up()
        for _ in range(6):
            shoot(page, shots)
    page.close()
    times, pictures = zip(*shots, strict=True)
    waits = [round(1000 * (after - before)) for before, after in pairwise(times)]
    pictures[0].save(
        PICTURES / "playground.webp",
        save_all=True,
        append_images=pictures[1:],
        duration=[*waits, 1500],
        loop=0,
        quality=QUALITY,
        method=4,
    )


def shoot(page: Page, shots: list[tuple[float, Image.Image]]) -> None:
    """Add what the page shows, and when."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    size = WIDE, round(WIDE * picture.height / picture.width)
    shots.append((time.monotonic(), picture.convert("RGB").resize(size)))


def take_race(browser: Browser, url: str) -> None:
    """A race in its middle, and what thresholds make of it at the end."""
    page = browser.new_page(viewport={"width": 1440, "height": 1180})
    page.goto(f"{url}/{RACE}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Training · epoch 4.").wait_for(timeout=120_000)
    page.mouse.move(1400, 100)  # no tooltip in the picture
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "train-mid-race.png")
    page.get_by_text("Finished ·").wait_for(timeout=300_000)
    page.set_viewport_size({"width": 1440, "height": 1100})
    run = re.search(r"run=[\w-]+", page.url).group()
    page.goto(f"{url}/thresholds?source=race&{run}&t=0.25")
    page.get_by_text("Row by row", exact=True).wait_for(timeout=60_000)
    page.wait_for_timeout(3000)
    page.screenshot(path=PICTURES / "thresholds.png")


if __name__ == "__main__":
    main()
