"""Durable work: runs are rows, workers claim them, and a child process solves."""
