"""Work in other processes, so that the one that shows it stays quick."""
