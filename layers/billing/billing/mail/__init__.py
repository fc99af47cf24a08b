"""Mail to customers about their invoices and payments: what is said, how it becomes a message, and the port to SES."""
