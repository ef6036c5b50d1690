"""`python -m mlcore train …` and `python -m mlcore sweep …`."""

import signal
import sys

if __name__ == "__main__":  # worker processes import this module too
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:  # until there is something to finish, Ctrl-C just ends the process
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from mlcore.command_line import main

    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.stdout is not None:  # as after >&-
        sys.stdout.reconfigure(errors="replace")  # ± in a terminal that has none
    sys.exit(main())
