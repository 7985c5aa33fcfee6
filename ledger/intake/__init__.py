"""Files that people fill in: rosters, attendance, payroll sheets. Bytes in, rows out.

``grid`` tells what a file is by its content; ``package`` and ``workbook`` read XLSX, ``delimited``
text, ``objects`` JSON. ``headings`` finds the table, ``tables`` and ``cells`` read its columns,
``people``, ``payroll``, ``roster`` and ``receipts`` judge what they mean. ``writing`` makes
workbooks. Limits stand in ``limits`` and are checked before anything is parsed.
"""
