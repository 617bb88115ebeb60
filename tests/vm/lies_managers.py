# SPDX-License-Identifier: BSD-2-Clause
"""Lies about what manages memory: lists of free blocks, caches, areas."""

TYPES = 4  # of free blocks, the first ones
ORDERS = 11


def free_lists(im):
    """Addresses of the heads of lists of free blocks in the first zone."""
    zone = int(im.ask("zones")["address"], 16)
    at = zone + im.member("zone", "free_area")
    size = (im.member("zone", "flags") - im.member("zone", "free_area")
            ) // ORDERS & ~7
    return [at + order * size + kind * 16
            for order in range(ORDERS) for kind in range(TYPES)]


def free_list_self(im):
    """A free block leads to itself."""
    head = next(head for head in free_lists(im) if im.number(head) != head)
    im.poke(im.number(head), im.number(head))
    return ()


def slab_caches_self(im):
    """The first cache leads to itself."""
    first = im.number(im.symbol("slab_caches"))
    im.poke(first, first)
    return ()


def vmap_areas_self(im):
    """So does the first area of vmalloc; by nodes since 6.9."""
    head = (im.symbol("vmap_area_list") if im.lists("vmap_area_list") else
            im.number(im.symbol("vmap_nodes")) +
            im.member("vmap_node", "busy.head"))
    first = im.number(head)
    assert first != head
    im.poke(first, first)
    return ()
