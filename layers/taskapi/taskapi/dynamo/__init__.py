"""Entities in the one DynamoDB table: written, read and listed, whichever they are."""
