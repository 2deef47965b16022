"""`make test` tries the same examples every time, so that it says something about the change and not about luck; a bare
`pytest` tries new ones each time, and finds what nobody thought of."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, print_blob=True)
