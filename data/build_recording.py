"""Record the run that the playground opens on, in data/recording.json.

python -m data.build_recording
"""

import json

from pages.ui.playground.channel import answer
from pages.ui.playground.recording import FILE
from pages.ui.playground.settings import SETTINGS, question_of

if __name__ == "__main__":
    question = question_of({name: each.start for name, each in SETTINGS.by_name.items()})
    asked = {"known": [], "threshold": 0.5, "step": None, "detailed": False, "whole": True}
    parts = list(answer({**question, **asked}))
    told = json.dumps({"question": question, "parts": parts}, separators=(",", ":"))
    FILE.write_text(told + "\n", encoding="utf-8")
    print(f"{len(told):,} bytes in {FILE}")
