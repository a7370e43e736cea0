"""Electronic invoices: open, read, check, render, book and keep them."""

__version__ = "0.1.0"
