"""FatturaPA: the Italian syntax of electronic invoices, ordinary and simplified."""
