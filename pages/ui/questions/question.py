"""What a question of the Questions page is."""

from dataclasses import dataclass
from urllib.parse import parse_qsl


@dataclass(frozen=True, kw_only=True)
class Question:
    """One symptom. Its texts are translated where drawn and may hold Markdown.

    Attributes:
        key: Its name in links: letters, digits and hyphens, different from all others.
        asked: In the words of those who ask.
        answer: Two sentences.
        shown: The figures in a sentence; its fields are what `figures` returns.
        figures: The function of mlcore.learn that computes them, "module:function", and what it
            takes.
        place: The page that shows it and its settings, as in a link.
        look: What to do there.
        yet: Whether the lab can show this; if not, the place is the nearest there is.
        source: Where people ask or answer it, as a Markdown link.
    """

    key: str
    asked: str
    answer: str
    shown: str
    figures: tuple
    place: str
    look: str
    yet: bool = True
    source: str

    @property
    def page(self) -> str:
        """The name of the page that shows it."""
        return self.place.partition("?")[0]

    @property
    def settings(self) -> dict[str, str]:
        """What the page's link asks for."""
        return dict(parse_qsl(self.place.partition("?")[2]))
