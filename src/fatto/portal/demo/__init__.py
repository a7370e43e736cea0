"""A made-up world to try the portal with: two firms, ten companies, two years of their documents."""
