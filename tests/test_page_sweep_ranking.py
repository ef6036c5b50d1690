"""A figure of the Sweep page that needs no threshold: one map, one sentence for both readings."""

import numpy as np
import pytest

from mlcore.figures import RANKINGS
from tests.metrics_page import component
from tests.test_page_sweep import open_sweep, run_to_the_end


@pytest.mark.parametrize("figure", RANKINGS)
def test_a_figure_without_a_threshold_has_one_map_and_no_tuned_threshold(figure):
    app = open_sweep(**{"s.figure": figure, "s.seeds": "2", "s.synthetic.rows": "220"})
    job = run_to_the_end(app)
    (table,) = component(app, "surface")["tables"]
    assert table["title"] == "At any threshold: it judges the order of the scores"
    keys = job.about.keys
    cells = [[cell["text"] for cell in line[1:]] for line in table["lines"][-2::-1]]
    means = [
        [f"{np.mean([job.results[key].at_half(figure) for key in cell]):.3f}" for cell in row]
        for row in keys
    ]
    assert cells == means
    said = "\n".join(text.value for text in app.markdown)
    values = [float(text) for row in means for text in row]
    assert "whatever the threshold.**" in said
    assert f"differ by {np.ptp(values):.2f}"[:-1] in said  # of rounded means
    assert "tuned" not in said.lower()
    first = component(app, "cell_figures")["lines"][1]
    assert [cell["text"] for cell in first][::2] == [table_name(figure), "–"]


def table_name(figure: str) -> str:
    return {"mean_average_precision": "mAP", "lrap": "LRAP"}[figure]
