"""What exists and what is allowed: types, state machines, scores. No input or output."""
