// Stands in for the sources of a floor that has none, so that it is a library like the others.
