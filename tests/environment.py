"""The variables of the environment that code reads."""

import ast
from collections.abc import Iterator

SET_BY_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME"}
FOR_LOCAL_RUNS = {
    "ALLOW_CHOSEN_KEYS",  # lets a local run choose a key's text; must never be set in a deployment
}


def environment_names(tree: ast.AST) -> Iterator[str]:
    """Yield the name in `os.environ["X"]`, `os.environ.get("X")`, `os.getenv("X")` and `"X" in os.environ`.

    Raises:
        ValueError: a name is not written out where it is read.
        AssertionError: something of the environment is imported by its own name, which would not be seen here.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=environ, slice=name) if ast.unparse(environ) == "os.environ":
                yield ast.literal_eval(name)
            case ast.Call(func=called, args=[name, *_]) if ast.unparse(called) in {"os.environ.get", "os.getenv"}:
                yield ast.literal_eval(name)
            case ast.Compare(left=name, comparators=[environ]) if ast.unparse(environ) == "os.environ":
                yield ast.literal_eval(name)
            case ast.ImportFrom(module="os", names=names):
                hidden = {each.name for each in names} & {"environ", "getenv"}
                assert not hidden, f"line {node.lineno}: write os.{hidden.pop()}, so that what is read can be found"
