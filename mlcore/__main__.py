"""`python -m mlcore train …` and `python -m mlcore sweep …`."""

import sys

from mlcore.command_line import main

if __name__ == "__main__":  # worker processes import this module too
    sys.exit(main())
