"""`python -m convo_cli`."""

from convo_cli.main import main

if __name__ == "__main__":
    main()
