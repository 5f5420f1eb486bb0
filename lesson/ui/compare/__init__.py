"""The views of the comparison page: each shows the chosen runs in its own way."""
