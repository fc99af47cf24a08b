"""Mail to customers about their invoices: what is said, how it becomes a message, and the port to SES."""
