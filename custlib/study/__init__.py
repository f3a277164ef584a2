"""Studies: parameters, runs, findings and their proof.

A notebook writes `from custlib import study` and calls `study.find`, `study.table` and
`study.figure`; what starts and records studies lies in the modules beside them.
"""

from custlib.study.findings import figure, find, key_of, table

__all__ = ["figure", "find", "key_of", "table"]
