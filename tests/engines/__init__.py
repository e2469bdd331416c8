"""The engines that the store is held to: moto in this process, and DynamoDB Local.

Which of them a run uses is said by ``TEST_ENGINES``, a comma-separated list (``moto`` when unset).
"""
