"""Speed and size of the program, measured against what the database itself can do.

Every measure takes the product and its raw limit one after the other, A B A B, in one run on one
machine, and reports the ratio of the medians: seconds differ from machine to machine, ratios
hardly. One JSON object a line goes to standard output, one line for each database and size.
"""
