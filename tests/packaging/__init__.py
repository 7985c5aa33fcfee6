"""What a person gets who installs the distribution, and the shape that the tree keeps."""
