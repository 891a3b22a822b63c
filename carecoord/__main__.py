"""`python -m carecoord`: the command line."""

from carecoord.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
