"""What the tests of the playground in a browser share: its stage, and the library's own run."""

import re
from urllib.parse import parse_qs

import numpy as np

from mlcore.datasets.source import resolve
from mlcore.training.playback import FIGURES, Details, Frame, play
from pages.ui.playground.channel import configs_of, data_of
from pages.ui.playground.scenes import SCENES
from tests.conftest import wait_until

FOCAL = {"loss": "focal", "loss_params": {"pos_weight": 1.0, "gamma": 0.0}, "model": "linear"}


def link_of(page) -> dict[str, str]:
    asked = parse_qs(page.evaluate("location.search.slice(1)"))
    return {name: text for name, [text] in asked.items()}


class Stage:
    """The stage of an open page, and what the library says of the same run."""

    def __init__(self, page) -> None:
        self.page, self.root = page, page.locator(".stage")
        self.root.and_(page.locator("[data-draws]")).wait_for()

    def data(self, name: str) -> int:
        return int(self.root.get_attribute(f"data-{name}") or 0)

    def text(self, part: str) -> str:
        return self.root.locator(part).inner_text()

    def stats(self) -> list[str]:
        return self.root.locator(".stats b").all_inner_texts()

    def wait_live(self) -> None:
        self.wait_for("Trained live on this server")

    def wait_for(self, words: str) -> None:
        self.root.locator(".chip", has_text=words).wait_for()

    def wait_step(self, step: int) -> None:
        self.root.locator(".step", has_text=re.compile(f"^step {step} of")).wait_for()

    def slider(self, name: str):
        return self.page.get_by_role("slider", name=name, exact=True)

    def link(self) -> dict[str, str]:
        return link_of(self.page)

    def wait_link(self, **expected) -> None:
        wait_until(
            lambda: all(self.link().get(name.replace("__", ".")) == text
                        for name, text in expected.items()),
            f"{expected} in the link",
        )  # fmt: skip


def open_stage(visit, link: str = "", *, live: bool = False, **options) -> Stage:
    """The stage at a link; a live one has been trained."""
    found = Stage(visit(link, **options))
    if live:
        found.wait_live()
    return found


def run_of(scene: str, *configs: dict, around=None, threshold=0.5, **options):
    """Frames and details of a scene's run, its data set and the order of labels."""
    chosen = SCENES[scene]
    data = data_of(chosen, options)
    given = [{"learning_rate": chosen.config.learning_rate, **config} for config in configs]
    dataset = resolve(data)
    rows = chosen.rows_of(dataset)
    told = [*play(data, configs_of(chosen, given), rows)]
    if around is not None:
        given = data, configs_of(chosen, given), rows
        told += play(*given, around=around, detailed=True, threshold=threshold)
    frames = [each for each in told if isinstance(each, Frame)]
    return frames, [each for each in told if isinstance(each, Details)], dataset


def figure(frame: Frame, name: str, threshold: float = 0.5, contender: int = 0) -> float:
    # In float32, as it goes to the browser: 0.975 is a little more there, and rounds up.
    return float(np.float32(frame.figures[contender, FIGURES.index(name), round(100 * threshold)]))


def drag(page, handle, start: float, end: float, *, steps: int = 8) -> None:
    """Hold a slider at a share of its width and move it; it stays held."""
    box = handle.bounding_box()
    up = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], up)
    page.mouse.down()
    for step in range(1, steps + 1):
        share = start + (end - start) * step / steps
        page.mouse.move(box["x"] + share * box["width"], up)
        page.wait_for_timeout(40)
