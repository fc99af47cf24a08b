"""Time one expression of a fresh interpreter: `opening.py PATHS EXPRESSION`. Prints milliseconds of processor time.

Nothing else may be imported before: what is here already would cost the expression nothing.
"""

import sys
import time

paths, expression = sys.argv[1:]
sys.path[:0] = paths.split(":")
began = time.process_time()
eval(expression)  # noqa: S307 - our own text
print((time.process_time() - began) * 1000)
