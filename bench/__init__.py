"""What is measured, and against what. See ``python -m bench --help``."""
