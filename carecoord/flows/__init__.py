"""One business step is one function is one transaction."""
