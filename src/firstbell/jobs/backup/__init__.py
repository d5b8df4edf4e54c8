"""Everything in one file, and back. Needs no PostgreSQL programs; the file says itself whether it is whole.

The file is a zip: one member a table in COPY's text format, rows in the order of their key; uploads; a manifest with
the version of the schema, and rows and SHA-256 of every member. The zip's comment holds the SHA-256 of all before it.
"""
