"""Who is calling: development tokens, or the tokens of the developer's own issuer."""
