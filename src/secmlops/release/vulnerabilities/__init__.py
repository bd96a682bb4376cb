"""Known vulnerabilities of the packages that a model was made with, looked up offline in a file of advisories."""
