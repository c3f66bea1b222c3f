"""How fast the market is: side by side with plain Mesa and a bare loop, and in all its parts."""
