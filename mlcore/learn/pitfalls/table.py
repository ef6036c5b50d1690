"""All specimens by key, theme after theme."""

from mlcore.learn.pitfalls.at_once import AT_ONCE
from mlcore.learn.pitfalls.measured import MEASURED
from mlcore.learn.pitfalls.silent import SILENT
from mlcore.learn.pitfalls.trained import TRAINED

SPECIMENS = {specimen.key: specimen for specimen in (*AT_ONCE, *SILENT, *TRAINED, *MEASURED)}
