"""hexora's command line, started by the interpreter that the sandbox has: its own script names another path.

It reads the arguments of the process, so it has to be started as `python FILE audit ...`.
"""

import sys

from hexora._hexora import run_cli

sys.exit(run_cli())
