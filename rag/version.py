"""The version, which ``pyproject.toml`` names too; a test holds them together."""

VERSION = "0.1.0"
