"""The contract's tools: its linter, its page, and the documentation's snippets."""
