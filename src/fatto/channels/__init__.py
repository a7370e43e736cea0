"""How files leave for an authority and arrive from it.

`channel` says what a country declares and gives, and what can go wrong; `http` speaks to servers, `limiter` keeps to
their limits, `seal` is what was found out about an authority's signature. What a certain authority wants is in its
country's pack.
"""
