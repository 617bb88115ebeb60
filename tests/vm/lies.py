# SPDX-License-Identifier: BSD-2-Clause
"""What lies have in common: whom they are about, what they are made with."""

VICTIM = "names.plain"
ESCAPES = b"\x1b]0;x\x07\x9b1m\xff\x7f\r\n\x08\xc2\x9bA"


def unmapped(im):
    """A canonical kernel address with nothing behind it."""
    return im.page_offset + (60 << 40) & ~0xfff | 0xffff << 48
