"""The OpenAPI document of the API, written from the endpoints.

Everything comes from what serves the requests: routes and authorization from the template, inputs and results from
the types of each endpoint, words from its docstring. So the document cannot promise what the code does not do.
"""
