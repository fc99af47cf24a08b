"""Code in a layer."""

HELLO = "hello"
