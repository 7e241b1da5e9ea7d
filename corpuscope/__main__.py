"""`python -m corpuscope` is the command `corpuscope`."""

from corpuscope.cli.main import run

if __name__ == "__main__":
    run()
