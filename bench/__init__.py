"""Measures how fast Fatto is: `make bench`. Each number stands beside its goal and a floor of the same run."""
