/* SPDX-License-Identifier: BSD-2-Clause */
/* A compressed kernel image (bzImage): its vmlinux, unpacked. */
#include "profile/vmlinuz.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"

/* The setup header (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel
 * Header"). */
#define SETUP_SECTS    0x1f1u
#define HEADER_MAGIC   0x202u
#define PROTOCOL       0x206u
#define PAYLOAD_OFFSET 0x248u
#define PAYLOAD_LENGTH 0x24cu
#define HDRS	       0x53726448u
#define PROTOCOL_208   0x0208u
#define SECTOR	       512u

#define MAX_KERNEL     (512u << 20)
#define MIN_KERNEL     (64u << 10)

bool vmlinuz_is(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	return len >= PAYLOAD_LENGTH + 4 && le32(b + HEADER_MAGIC) == HDRS &&
	       le16(b + PROTOCOL) >= PROTOCOL_208;
}

/*
 * The compressed bytes.  scripts/Makefile.lib (size_append) puts the length of
 * the result behind every format but gzip, which ends in it by itself.
 */
static int find_payload(const uint8_t *b, size_t len, const uint8_t **payload,
			size_t *n, size_t *unpacked, struct err *err)
{
	uint64_t sects = b[SETUP_SECTS] ? b[SETUP_SECTS] : 4;
	uint64_t at = (sects + 1) * SECTOR + le32(b + PAYLOAD_OFFSET);

	*n = le32(b + PAYLOAD_LENGTH);
	if (*n < 16 || at > len || *n > len - at)
		return err_set(err, ERR_CORRUPT, "kernel image is cut off");
	*payload = b + at;
	*unpacked = le32(b + at + *n - 4);
	if (le16(*payload) != 0x8b1f)
		*n -= 4;
	if (*unpacked < MIN_KERNEL || *unpacked > MAX_KERNEL)
		return err_set(err, ERR_CORRUPT,
			       "kernel image with an odd payload");
	return 0;
}

static void cleanup_archive(struct archive **a)
{
	archive_read_free(*a);
}

/* Every format of the kernel's Kconfig (KERNEL_GZIP and so on). */
static void support_formats(struct archive *a)
{
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_filter_lzop(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
}

/*
 * Read up to `size` bytes; what follows the kernel's own (its relocations are
 * part of the payload) does not matter, so a late error is none.
 */
static size_t read_all(struct archive *a, uint8_t *to, size_t size)
{
	size_t done = 0;
	la_ssize_t n;

	while (done < size) {
		n = archive_read_data(a, to + done, size - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

int vmlinuz_unpack(const void *bytes, size_t len, void **elf, size_t *elf_len,
		   struct err *err)
{
	_cleanup_(cleanup_archive) struct archive *a = archive_read_new();
	_cleanup_free_ uint8_t *out = NULL;
	struct archive_entry *entry;
	const uint8_t *payload = NULL;
	size_t n = 0, unpacked = 0;
	int rc;

	rc = find_payload(bytes, len, &payload, &n, &unpacked, err);
	if (rc || !payload)
		return rc;
	out = a ? malloc(unpacked) : NULL;
	if (!out)
		return err_nomem(err);
	support_formats(a);
	if (archive_read_open_memory(a, payload, n) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK ||
	    archive_filter_count(a) < 2)
		return err_set(err, ERR_CORRUPT,
			       "kernel image in a format that cannot be "
			       "unpacked here (%02x %02x %02x %02x)",
			       payload[0], payload[1], payload[2], payload[3]);
	*elf_len = read_all(a, out, unpacked);
	if (*elf_len != unpacked)
		return err_set(err, ERR_CORRUPT,
			       "kernel image cannot be unpacked: %s",
			       archive_error_string(a) ? archive_error_string(a)
						       : "it ends early");
	*elf = out;
	out = NULL;
	return 0;
}
