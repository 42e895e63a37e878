"""`python -m pgolf_check`."""

from pgolf_check.cli import main

main()
