"""What ``Tasks`` promises, held against every engine."""
