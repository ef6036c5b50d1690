from .limits import MAX_BYTES as MAX_BYTES
from .scored import Scored as Scored
from .scored import example_csv as example_csv
from .scored import read_scores as read_scores
