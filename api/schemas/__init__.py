"""What goes over the wire: one pydantic model a shape, each built from its record.

Offsets count Unicode code points and are half-open, as everywhere in Chuchu.
"""
