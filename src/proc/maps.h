/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/maps, byte for byte. */
#ifndef PROC_MAPS_H
#define PROC_MAPS_H

#include "base/buf.h"
#include "kernel/maps.h"

/* Append the line that the guest's kernel would print. */
void proc_maps_line(const struct map_entry *e, struct buf *out);

#endif
