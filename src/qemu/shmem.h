/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices are memory: where what is mapped never waits for anybody. */
#ifndef QEMU_SHMEM_H
#define QEMU_SHMEM_H

#include <stdbool.h>

/*
 * Whether files of the device (major, minor) are shmem or hugetlbfs: what
 * memfd_create(2) and anonymous shared mappings make, or a tmpfs or hugetlbfs
 * that is mounted where the process with that /proc/PID lives.
 */
bool qemu_shmem_has(int proc, const unsigned int dev[2]);

#endif
