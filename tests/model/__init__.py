"""The plain model: an oracle written from the contract of postings, see its Readings."""
