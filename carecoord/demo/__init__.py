"""A fictional street: generated, sent through the same intake as real input, and planned."""
