"""What developers and operators run; nothing that the API or ``make run`` runs on."""
