"""What template.yaml says, for whoever needs to know it on this machine."""
