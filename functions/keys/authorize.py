"""The authorizer of the API: whose key is this?"""

from billing import keys
from billing.edge import authorizer

handler = authorizer(keys.authenticated)
