"""How fast the market is: side by side with plain Mesa, with a bare loop, and with itself before."""
