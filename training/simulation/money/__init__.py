"""Payments: for goods, of everyday life, of travellers, of proceeds."""
