"""What people type, checked: one file a noun."""
