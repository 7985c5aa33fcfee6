"""Files of banks: statements, payout files and their answers. Bytes in, records out, and back."""
