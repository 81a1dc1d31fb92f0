"""Training sets, time splits, fitting, evaluation, promotion and simulation."""
