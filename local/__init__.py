"""The local runtime: template.yaml, run whole on this machine."""
