"""Controls: who is selected, what is found, when it is known."""
