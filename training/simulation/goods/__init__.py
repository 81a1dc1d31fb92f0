"""The goods of the simulated world, by Harmonised System."""
