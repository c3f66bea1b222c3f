"""The command line: ``python run.py --help``."""

import sys

if __name__ == "__main__":
    try:
        from experiments.cli import main

        main()
    except KeyboardInterrupt:
        print("Interrupted; nothing was written.", file=sys.stderr)
        sys.exit(130)
