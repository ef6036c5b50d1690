"""All specimens by key, theme after theme."""

from mlcore.pitfalls.at_once import AT_ONCE
from mlcore.pitfalls.measured import MEASURED
from mlcore.pitfalls.silent import SILENT
from mlcore.pitfalls.trained import TRAINED

SPECIMENS = {specimen.key: specimen for specimen in (*AT_ONCE, *SILENT, *TRAINED, *MEASURED)}
