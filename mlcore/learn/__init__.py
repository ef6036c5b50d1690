"""What the pages that teach ask: responses of losses, entropies, comparisons, famous mistakes."""
