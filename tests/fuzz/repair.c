/* SPDX-License-Identifier: BSD-2-Clause */
/* Checksums of profiles, as profile/store.c lays them out. */
#include "fuzz/repair.h"

#include <stddef.h>
#include <string.h>

#include "base/files.h"
#include "profile/store.h"

#define SECTIONS 4

struct header {
	char magic[8];
	uint32_t order, version;
	uint64_t file_len, wanted, link_text;
	struct {
		uint64_t at, len, sum;
	} section[SECTIONS];
	uint64_t sum;
};

void repair_profile(uint8_t *file, size_t len)
{
	struct header h;
	size_t i;

	if (len < sizeof(h))
		return;
	memcpy(&h, file, sizeof(h));
	h.file_len = len;
	for (i = 0; i < SECTIONS; i++)
		if (h.section[i].at <= len &&
		    h.section[i].len <= len - h.section[i].at)
			h.section[i].sum = files_checksum(
				file + h.section[i].at, h.section[i].len);
	h.sum = files_checksum(&h, offsetof(struct header, sum));
	memcpy(file, &h, sizeof(h));
}
