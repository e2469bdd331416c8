"""What happens to tasks and lists when the network, DynamoDB, clocks and other writers misbehave.

A fault-injecting proxy stands between boto3 and an engine (``proxy``, ``fault_plans``); the functions run over it
(``instance``); what they answered is held against sequential models (``tests.support.task_model``, ``list_model``) by a
linearisability checker (``histories``) and by the books that a chaos run keeps (``chaos``, ``audit``).
"""
