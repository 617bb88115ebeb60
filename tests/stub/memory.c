/* SPDX-License-Identifier: BSD-2-Clause */
/* The requests m and M: guest memory by physical or virtual address. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/packet.h"
#include "stub/stub.h"

/* "ADDR,LEN" at text; where it ends, or NULL. */
static const char *take_range(const char *text, uint64_t *addr, uint64_t *len)
{
	char *end;

	*addr = strtoull(text, &end, 16);
	if (end == text || *end != ',')
		return NULL;
	text = end + 1;
	*len = strtoull(text, &end, 16);
	return end == text ? NULL : end;
}

/* One page's worth of memory at most, as it is addressed now, or NULL. */
static uint8_t *memory_at(const struct stub *s, uint64_t addr, uint64_t len)
{
	uint64_t pa = addr;

	if (!s->phys_mode && !image_translate(s->image, s->g_cpu, addr, &pa))
		return NULL;
	return image_at(s->image, pa, len);
}

/*
 * Up to QEMU 10 physical memory that is not there reads as zeros and takes
 * writes; virtual memory never does.
 */
static bool tolerates_holes(const struct stub *s)
{
	return s->phys_mode && !s->gen->unmapped_fails;
}

/* Copy page by page; false where some of it is not there. */
static bool copy(struct stub *s, uint64_t addr, uint8_t *bytes, uint64_t len,
		 bool write)
{
	uint64_t done, n;
	uint8_t *at;

	for (done = 0; done < len; done += n) {
		n = 4096 - (addr + done) % 4096;
		n = n < len - done ? n : len - done;
		at = memory_at(s, addr + done, n);
		if (!at && !tolerates_holes(s))
			return false;
		if (at)
			memcpy(write ? at : bytes + done,
			       write ? bytes + done : at, n);
		s->written += at && write ? n : 0;
	}
	return true;
}

void stub_read_memory(struct stub *s, const char *args)
{
	_cleanup_(buf_deinit) struct buf out = {0};
	_cleanup_free_ uint8_t *bytes = NULL;
	uint64_t addr, len;

	if (!take_range(args, &addr, &len) || len > s->gen->max_packet / 2) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	bytes = xalloc(len + 1);
	if (!copy(s, addr, bytes, len, false)) {
		stub_puts(s, STUB_EFAULT);
		return;
	}
	gdbrsp_hex_encode(&out, bytes, len);
	stub_put(s, out.data ? out.data : "", out.len);
}

void stub_write_memory(struct stub *s, const char *args)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	uint64_t addr, len;
	const char *hex = take_range(args, &addr, &len);

	if (!hex || *hex++ != ':' || !len || strlen(hex) / 2 < len) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	bytes = xalloc(len + 1);
	if (!gdbrsp_hex_decode(bytes, hex, len))
		stub_puts(s, STUB_EINVAL);
	else
		stub_puts(s,
			  copy(s, addr, bytes, len, true) ? "OK" : STUB_EFAULT);
}
