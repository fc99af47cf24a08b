"""Orders: what a customer buys once, paid and fulfilled."""
