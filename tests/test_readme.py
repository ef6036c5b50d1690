"""What the README shows runs as it stands there."""

import re

from tests.conftest import ROOT


def test_the_examples_of_the_readme_run_one_after_the_other(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) >= 3
    names: dict[str, object] = {}
    for example in examples:
        exec(example, names)
    assert "samples_f1" in capsys.readouterr().out
    assert names["predictions"].any()
