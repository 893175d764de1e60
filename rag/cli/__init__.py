"""The ``chuchu`` command, on top of everything: nothing imports it. main.py names the commands."""
