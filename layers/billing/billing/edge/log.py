"""The one logger: JSON lines with ids and never a body."""

from aws_lambda_powertools.logging import Logger

logger = Logger()
"""Service name and level come from `POWERTOOLS_SERVICE_NAME` and `POWERTOOLS_LOG_LEVEL`."""
