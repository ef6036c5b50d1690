"""The command line of the library: `python -m mlcore --help`.

The only part of `mlcore` that prints: results on stdout, all else on stderr. What needs torch is
imported when a command runs, so that help and mistakes in arguments are answered at once.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

from mlcore import interrupts
from mlcore.command_line import output
from mlcore.command_line.options import build_parser

DONE, FAILED, WRONG_ARGUMENTS, NOT_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after `python -m mlcore`; those of this process when None.

    Returns:
        0 done; 1 a run or the cluster failed; 2 wrong arguments; 3 finished but not stored,
        written or printed where it should be; 130 interrupted.

    Raises:
        SystemExit: From argparse, with 0 after help and 2 for wrong arguments.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    parser, commands = build_parser()
    arguments = parser.parse_args(argv)
    arguments.argv = argv
    try:
        command = import_module(f"mlcore.command_line.{arguments.command}")
        try:
            run = command.prepare(arguments)
        except (ValueError, TypeError) as error:
            commands[arguments.command].error(str(error))
        with interrupts.restored():
            return run()
    except KeyboardInterrupt:
        output.note("\nInterrupted before anything was finished.")
        return INTERRUPTED
    except (RuntimeError, ValueError, OSError, ImportError, MemoryError) as error:
        output.note(f"error: {error or type(error).__name__}")
        return FAILED
