/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that the user named as a source of symbols and types. */
#include "profile/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/apart.h"
#include "base/cleanup.h"
#include "profile/elf.h"
#include "profile/limits.h"
#include "profile/live.h"
#include "profile/store.h"
#include "profile/systemmap.h"
#include "profile/vmlinuz.h"

/* What is looked at to tell what a file is: its first bytes. */
#define HEAD_BYTES 2048u

static bool elf_is(const void *bytes, size_t len)
{
	return len >= 4 && !memcmp(bytes, "\177ELF", 4);
}

static int take_vmlinuz(struct mapped *file, struct parts *p, struct err *err)
{
	_cleanup_(elf_deinit) struct elf_image e = {0};
	_cleanup_free_ void *elf = NULL;
	size_t len;
	int rc;

	rc = vmlinuz_unpack(file->bytes, file->len, &elf, &len, err);
	if (!rc)
		rc = elf_open(&e, elf, len, err);
	return rc ? rc : elf_parts(&e, p, err);
}

static int take_systemmap(struct mapped *file, struct parts *p, struct err *err)
{
	return systemmap_parts(file->bytes, file->len, p, err);
}

/* Files that are read whole, as told by their first bytes. */
static const struct kind {
	bool (*is)(const void *bytes, size_t len);
	size_t max;
	int (*take)(struct mapped *file, struct parts *p, struct err *err);
} kinds[] = {
	{vmlinuz_is, LIMIT_PACKED, take_vmlinuz},
	{systemmap_is, LIMIT_SYSTEMMAP, take_systemmap},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static int take_whole(int fd, const struct kind *kind, struct parts *p,
		      struct err *err)
{
	_cleanup_(mapped_close) struct mapped file = {0};
	int rc = mapped_read(&file, fd, kind->max, err);

	if (rc)
		return rc;
	if (!kind->is(file.bytes, file.len))
		return err_set(err, ERR_CORRUPT, "changes while it is read");
	return kind->take(&file, p, err);
}

/* A vmlinux: may be huge, most of it debug info that nobody wants. */
static int take_elf(int fd, size_t len, struct parts *p, struct err *err)
{
	_cleanup_(elf_deinit) struct elf_image e = {0};
	int rc = elf_open_file(&e, fd, len, err);

	return rc ? rc : elf_parts(&e, p, err);
}

/* A regular file: its first bytes, and how many it has; and for whom it is. */
struct head {
	const struct readers *readers;
	uint8_t bytes[HEAD_BYTES];
	size_t n, len;
};

static int file_read_head(struct head *h, int fd, struct err *err)
{
	int rc = mapped_length(fd, &h->len, err);
	ssize_t n = rc ? 0 : pread(fd, h->bytes, HEAD_BYTES, 0);

	if (n < 0)
		return err_sys(err, ERR_SYS, "cannot be read");
	h->n = (size_t)n;
	return rc;
}

/* By content. */
static int file_take_file(const struct head *h, int fd, struct parts *p,
			  struct err *err)
{
	size_t i;

	if (elf_is(h->bytes, h->n))
		return take_elf(fd, h->len, p, err);
	for (i = 0; i < KINDS; i++)
		if (kinds[i].is(h->bytes, h->n))
			return take_whole(fd, &kinds[i], p, err);
	return err_set(err, ERR_CORRUPT,
		       "neither a vmlinux, a vmlinuz, a System.map nor a saved "
		       "profile");
}

/* What the file of that head has, in the form of a saved profile. */
static int convert(void *arg, int in, int out, struct err *err)
{
	const struct head *h = arg;
	_cleanup_(parts_deinit) struct parts p = {.readers = h->readers};
	int rc = file_take_file(h, in, &p, err);

	return rc ? rc : store_put(&p, out, err);
}

static int take_converted(struct head *h, int fd, struct parts *p,
			  struct err *err)
{
	static const struct apart_limits limits = {LIMIT_SECONDS, LIMIT_MEMORY,
						   LIMIT_SAVED};
	_cleanup_close_ int saved = apart(convert, h, fd, &limits, err);
	struct mapped file;
	bool stale;
	int rc;

	if (saved < 0)
		return saved;
	rc = mapped_open(&file, saved, err);
	return rc ? rc : store_take(&file, p, &stale, err);
}

static int take_saved(int fd, struct parts *p, struct err *err)
{
	struct mapped file;
	bool stale;
	int rc = mapped_read(&file, fd, LIMIT_SAVED, err);

	return rc ? rc : store_take(&file, p, &stale, err);
}

/* A saved profile is checked like any; whoever parses another file is apart. */
static int file_take(int fd, struct parts *p, struct err *err)
{
	struct head h = {.readers = p->readers};
	int rc = file_read_head(&h, fd, err);

	if (rc)
		return rc;
	if (store_is(h.bytes, h.n))
		return take_saved(fd, p, err);
	if (vmlinuz_is(h.bytes, h.n))
		rc = vmlinuz_load(err);
	return rc ? rc : take_converted(&h, fd, p, err);
}

/*
 * What tells kernels apart in a banner, without who compiled it and how:
 * "Linux version RELEASE (...) (...) #BUILD DATE".
 */
static void shorten(char *banner)
{
	char *maker = strstr(banner, " ("), *build = strstr(banner, " #");

	if (maker && build > maker)
		memmove(maker, build, strlen(build) + 1);
}

static int file_refuse(const char *path, const char *file_says,
		       const struct profile_image *img, struct err *err)
{
	char guest_says[IDENTITY_BANNER];

	live_banner(img, guest_says, sizeof(guest_says));
	shorten(guest_says);
	return err_set(err, ERR_REFUSED,
		       "%s is of another kernel: it says '%s', the guest '%s'",
		       path, file_says, guest_says);
}

/* Compare what the file has as proof with the guest's memory. */
static int check_identity(const char *path, const struct parts *p,
			  const struct profile_image *img, struct err *err)
{
	struct image_bytes guest = image_of_guest(img);
	struct image_read reads[IDENTITY_PROBES];
	uint8_t bytes[IDENTITY_BYTES];
	enum identity_verdict verdict;
	char says[IDENTITY_BANNER];
	size_t n;
	int rc;

	n = identity_request(&p->id, p->id.n, bytes, reads);
	rc = guest.read(guest.ctx, reads, n, err);
	if (rc)
		return rc;
	verdict = identity_compare(&p->id, reads, n);
	if (verdict == IDENTITY_SAME)
		return 0;
	if (verdict == IDENTITY_UNREAD)
		return err_set(err, ERR_UNREADABLE,
			       "%s: whether it is of this kernel is not known: "
			       "the guest's memory cannot be read where it "
			       "would show",
			       path);
	identity_banner(&p->id, says, sizeof(says));
	shorten(says);
	if (identity_compare(&p->id, reads, 1) == IDENTITY_OTHER)
		return file_refuse(path, says, img, err);
	return err_set(err, ERR_REFUSED,
		       "%s is of another kernel: it says '%s' as the guest "
		       "does, but was built apart from it",
		       path, says);
}

static int check_symbols(const char *path, const struct parts *p,
			 const struct profile_image *img, struct err *err)
{
	struct err why = {0};
	char says[IDENTITY_BANNER];
	int rc = systemmap_check(p, img, &why);

	if (!rc)
		return 0;
	if (rc != ERR_REFUSED)
		return err_set(err, rc, "%.200s: %s", path, why.text);
	live_banner(img, says, sizeof(says));
	shorten(says);
	return err_set(err, rc,
		       "%s is of another kernel: %s; the guest says '%s'", path,
		       why.text, says);
}

int file_load(const char *path, struct parts *p, struct err *err)
{
	_cleanup_close_ int fd = -1;
	int rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_sys(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYS,
			       "%s", path);
	rc = file_take(fd, p, err);
	if (rc)
		return err_wrap(err, rc, "%s", path);
	if (!p->sym.n)
		return err_set(err, ERR_CORRUPT,
			       "%s holds no symbols of a kernel", path);
	return 0;
}

int file_check(const char *path, const struct profile_image *img,
	       const struct parts *p, struct err *err)
{
	return p->id.n ? check_identity(path, p, img, err)
		       : check_symbols(path, p, img, err);
}
