"""The test clock of a sandbox merchant: a year of renewals in seconds."""
