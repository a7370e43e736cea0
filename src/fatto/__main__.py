"""`python -m fatto` is the command line."""

from fatto.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
