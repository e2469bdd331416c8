"""Runs the Lambda functions, in this process or in AWS's runtime interface emulator."""
