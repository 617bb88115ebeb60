/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that the user named as a source of symbols and types. */
#include "profile/file.h"

#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "profile/elf.h"
#include "profile/guest.h"
#include "profile/store.h"
#include "profile/systemmap.h"
#include "profile/vmlinuz.h"

static bool elf_is(const void *bytes, size_t len)
{
	return len >= 4 && !memcmp(bytes, "\177ELF", 4);
}

/* An ELF file in memory; what the parts point into must outlive them. */
static int take_elf(const void *bytes, size_t len, struct parts *p,
		    struct err *err)
{
	_cleanup_(elf_deinit) struct elf_image e = {0};
	int rc = elf_open(&e, bytes, len, err);

	return rc ? rc : elf_parts(&e, p, err);
}

static int take_vmlinuz(const struct mapped *file, struct parts *p,
			struct err *err)
{
	size_t len;
	void *elf;
	int rc;

	rc = vmlinuz_unpack(file->bytes, file->len, &elf, &len, err);
	if (rc)
		return rc;
	rc = take_elf(elf, len, p, err);
	p->file_heap = elf;
	return rc;
}

/* By content; the mapping goes to p where something points into it. */
static int take_file(int fd, struct parts *p, struct err *err)
{
	const struct mapped *file = &p->map;
	bool stale;
	int rc;

	rc = mapped_open(&p->map, fd, err);
	if (rc)
		return rc;
	if (store_is(file->bytes, file->len)) {
		mapped_close(&p->map);
		return store_load(fd, p, &stale, err);
	}
	if (elf_is(file->bytes, file->len))
		return take_elf(file->bytes, file->len, p, err);
	if (vmlinuz_is(file->bytes, file->len))
		return take_vmlinuz(file, p, err);
	if (systemmap_is(file->bytes, file->len))
		return systemmap_parts(file->bytes, file->len, p, err);
	return err_set(err, ERR_CORRUPT,
		       "neither a vmlinux, a vmlinuz, a System.map nor a saved "
		       "profile");
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

static int refuse(const char *path, const char *file_says,
		  const struct profile_image *img, struct err *err)
{
	char guest_says[IDENTITY_BANNER];

	guest_banner(img, guest_says, sizeof(guest_says));
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
		return refuse(path, says, img, err);
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
	guest_banner(img, says, sizeof(says));
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
	rc = take_file(fd, p, err);
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
