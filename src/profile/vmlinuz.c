/* SPDX-License-Identifier: BSD-2-Clause */
/* A compressed kernel image (bzImage): its vmlinux, unpacked. */
#include "profile/vmlinuz.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/late.h"
#include "profile/limits.h"

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

#define MIN_KERNEL     (64u << 10)

bool vmlinuz_is(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	return len >= PAYLOAD_LENGTH + 4 && le32(b + HEADER_MAGIC) == HDRS &&
	       le16(b + PROTOCOL) >= PROTOCOL_208;
}

/*
 * The compressed bytes, and how long the result is: docs/facts/kernel.md,
 * "Kernel files".
 */
static const uint8_t *find_payload(const uint8_t *b, size_t len, size_t *n,
				   size_t *unpacked, struct err *err)
{
	uint64_t sects = b[SETUP_SECTS] ? b[SETUP_SECTS] : 4;
	uint64_t at = (sects + 1) * SECTOR + le32(b + PAYLOAD_OFFSET);

	*n = le32(b + PAYLOAD_LENGTH);
	if (*n < 16 || at > len || *n > len - at) {
		err_set(err, ERR_CORRUPT, "kernel image is cut off");
		return NULL;
	}
	*unpacked = le32(b + at + *n - 4);
	if (le16(b + at) != 0x8b1f)
		*n -= 4;
	if (*unpacked < MIN_KERNEL || *unpacked > LIMIT_UNPACKED) {
		err_set(err, ERR_CORRUPT,
			"kernel image with an odd payload: it says that it "
			"unpacks to %zu bytes",
			*unpacked);
		return NULL;
	}
	return b + at;
}

/*
 * What is used of libarchive, which is loaded where it is needed: it brings a
 * dozen other libraries along, and they took half of the time of a short run.
 */
#define LIBARCHIVE "libarchive.so.13"
#define NEEDS_LIBARCHIVE \
	"a vmlinuz is unpacked by libarchive; install it, or give a vmlinux: "
#define FUNCTIONS(F)                       \
	F(archive_read_new)                \
	F(archive_read_free)               \
	F(archive_read_support_format_raw) \
	F(archive_read_open_memory)        \
	F(archive_read_next_header)        \
	F(archive_filter_count)            \
	F(archive_read_data)               \
	F(archive_filter_code)             \
	F(archive_error_string)

struct unpacker {
	FUNCTIONS(LATE_MEMBER)
	void *library;
	struct archive *archive;
};

static const char *const names[] = {FUNCTIONS(LATE_NAME)};

/*
 * Every format of the kernel's Kconfig (KERNEL_GZIP and so on), told apart as
 * the kernel's own lib/decompress.c does.
 */
static const struct format {
	const char *name;
	const char *magic;
	size_t magic_len;
	int filter;
	const char *support; /* libarchive's function for it */
} formats[] = {
#define FORMAT(name, filter, magic)                          \
	{                                                    \
#name, magic, sizeof(magic) - 1, filter,     \
			"archive_read_support_filter_" #name \
	}
	FORMAT(gzip, ARCHIVE_FILTER_GZIP, "\x1f\x8b"),
	FORMAT(bzip2, ARCHIVE_FILTER_BZIP2, "BZ"),
	FORMAT(lzma, ARCHIVE_FILTER_LZMA, "\x5d\x00"),
	FORMAT(xz, ARCHIVE_FILTER_XZ, "\xfd\x37"),
	FORMAT(lzop, ARCHIVE_FILTER_LZOP, "\x89\x4c"),
	FORMAT(lz4, ARCHIVE_FILTER_LZ4, "\x02\x21"),
	FORMAT(zstd, ARCHIVE_FILTER_ZSTD, "\x28\xb5"),
#undef FORMAT
};

#define FORMATS (sizeof(formats) / sizeof(*formats))

static const struct format *find_format(const uint8_t *payload)
{
	size_t i;

	for (i = 0; i < FORMATS; i++)
		if (!memcmp(payload, formats[i].magic, formats[i].magic_len))
			return &formats[i];
	return NULL;
}

static void unpacker_deinit(struct unpacker *u)
{
	if (u->archive)
		u->archive_read_free(u->archive);
	if (u->library)
		dlclose(u->library);
}

int vmlinuz_load(struct err *err)
{
	if (dlopen(LIBARCHIVE, RTLD_NOW | RTLD_LOCAL))
		return 0;
	return err_set(err, ERR_SYS, NEEDS_LIBARCHIVE "%s", dlerror());
}

static int unpacker_load(struct unpacker *u, struct err *err)
{
	struct err why = {0};

	u->library = late_load(LIBARCHIVE, names,
			       sizeof(names) / sizeof(*names), u, &why);
	if (!u->library)
		return err_set(err, ERR_SYS, NEEDS_LIBARCHIVE "%.300s",
			       why.text);
	u->archive = u->archive_read_new();
	if (!u->archive)
		return err_nomem(err);
	u->archive_read_support_format_raw(u->archive);
	return 0;
}

/*
 * Have it unpack this one format.  Where libarchive was built without a library
 * for it, it would run a program of that name, whichever comes first in PATH,
 * and says so by ARCHIVE_WARN: that is not done.
 */
static int unpacker_support(struct unpacker *u, const struct format *f,
			    struct err *err)
{
	int (*support)(struct archive *) =
		(int (*)(struct archive *))dlsym(u->library, f->support);

	if (support && support(u->archive) == ARCHIVE_OK)
		return 0;
	return err_set(
		err, ERR_SYS,
		"kernel image packed by %s, which the libarchive of this "
		"host cannot unpack by itself; give a vmlinux",
		f->name);
}

/*
 * Read up to `size` bytes; what follows the kernel's own (its relocations are
 * part of the payload) does not matter, so a late error is none.
 */
static size_t vmlinuz_read_all(const struct unpacker *u, uint8_t *to,
			       size_t size)
{
	size_t done = 0;
	la_ssize_t n;

	while (done < size) {
		n = u->archive_read_data(u->archive, to + done, size - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/*
 * The payload is one stream, packed once: in another packing of the same
 * format, libarchive would unpack that as well.  (The last filter is none.)
 */
static int open_payload(struct unpacker *u, const uint8_t *payload, size_t n,
			struct err *err)
{
	const struct format *f = find_format(payload);
	struct archive_entry *entry;
	int rc = f ? unpacker_support(u, f, err) : 0;

	if (rc)
		return rc;
	if (f && u->archive_read_open_memory(u->archive, payload, n) == 0 &&
	    u->archive_read_next_header(u->archive, &entry) == 0 &&
	    u->archive_filter_code(u->archive, 0) == f->filter)
		return u->archive_filter_count(u->archive) <=
				       LIMIT_COMPRESSIONS + 1
			       ? 0
			       : err_set(err, ERR_REFUSED,
					 "kernel image that is packed more "
					 "than once");
	return err_set(err, ERR_CORRUPT,
		       "kernel image in a format that cannot be unpacked here "
		       "(%02x %02x %02x %02x)",
		       payload[0], payload[1], payload[2], payload[3]);
}

int vmlinuz_unpack(const void *bytes, size_t len, void **elf, size_t *elf_len,
		   struct err *err)
{
	_cleanup_(unpacker_deinit) struct unpacker u = {0};
	_cleanup_free_ uint8_t *out = NULL;
	const uint8_t *payload;
	size_t n = 0, unpacked = 0;
	const char *why;
	int rc;

	payload = find_payload(bytes, len, &n, &unpacked, err);
	if (!payload)
		return ERR_CORRUPT;
	rc = unpacker_load(&u, err);
	if (!rc)
		rc = open_payload(&u, payload, n, err);
	if (rc)
		return rc;
	out = malloc(unpacked);
	if (!out)
		return err_nomem(err);
	*elf_len = vmlinuz_read_all(&u, out, unpacked);
	why = u.archive_error_string(u.archive);
	if (*elf_len != unpacked)
		return err_set(err, ERR_CORRUPT,
			       "kernel image cannot be unpacked: %s",
			       why ? why : "it ends early");
	*elf = out;
	out = NULL;
	return 0;
}
