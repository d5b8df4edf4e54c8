"""Papers: values in, pages out. Labels, posters, hint cards, luggage tags and manifests as vector PDF.

What people typed travels as JSON only and is set as text; it is never part of a template's source.
"""
