"""The pages: one file a noun. A view takes typed input, calls one action or query, and renders."""
