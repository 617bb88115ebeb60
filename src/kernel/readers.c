/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of readers, by number. */
#include "kernel/readers.h"

#define READER(number, file) [READER_##number] = &file##_wants,
static const struct wants *const readers[READERS] = {KERNEL_READERS(READER)};

const struct readers kernel_readers = {readers, READERS};
