"""`python -m local`: run the system, call its functions, watch its events."""

from local.cli import main

if __name__ == "__main__":
    main()
