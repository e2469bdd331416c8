"""DynamoDB on this machine: moto in this process, DynamoDB Local, or any engine by its URL."""
