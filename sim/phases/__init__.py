"""The phases of a day, one file each: loops over rows that call rules. Order: ``sim/day.py``."""
