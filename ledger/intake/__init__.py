"""Files that people fill in: rosters, attendance, payroll sheets. Bytes in, rows out."""
