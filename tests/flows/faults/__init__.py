"""A package, unlike the other rooms of the tests: what is opened for the whole of it (``scope="package"``) ends with its last test.

Without this file pytest would keep the town, and with it this process's way to the town's database, until everything is over.
"""
