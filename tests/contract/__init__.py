"""What ``TaskStore`` promises, held against every engine."""
