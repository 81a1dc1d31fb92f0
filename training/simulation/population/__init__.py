"""Who lives in the simulated world: traders, people, vehicles, accounts, organisations."""
