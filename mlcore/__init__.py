"""Multi-label losses, metrics, data sets and training: the library behind the lab's pages."""
