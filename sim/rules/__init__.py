"""The rules of the market, one file each: pure functions on scalars with their source on top."""
