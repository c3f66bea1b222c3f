"""What is measured: speed and memory, and the same market written in other ways."""
