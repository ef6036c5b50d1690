from .writing import FRAMEWORKS as FRAMEWORKS
from .writing import Snippet as Snippet
from .writing import snippet as snippet
