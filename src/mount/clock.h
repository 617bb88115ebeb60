/* SPDX-License-Identifier: BSD-2-Clause */
/* A clock that only goes on. */
#ifndef MOUNT_CLOCK_H
#define MOUNT_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

#endif
