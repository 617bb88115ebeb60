/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache of profiles on disk. */
#include "profile/cache.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/home.h"
#include "profile/store.h"

#define SUFFIX	    ".qvmi"
#define MAX_ENTRIES 4096u
#define HASH_DIGITS 16u /* of a number of 64 bits */

static const struct home home = {"XDG_CACHE_HOME", ".cache", "/var/cache"};

struct entry {
	char name[NAME_MAX + 1];
	struct timespec used;
};

struct listing {
	VEC(struct entry) files;
};

static int newest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec > y->used.tv_sec ? -1 : 1;
	if (x->used.tv_nsec != y->used.tv_nsec)
		return x->used.tv_nsec > y->used.tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Whether the first `len` letters are a name that file_name() makes. */
static bool is_name(const char *name, size_t len)
{
	const size_t end = HASH_DIGITS + strlen(SUFFIX);

	return len > end + 1 && name[len - end - 1] == '-' &&
	       strspn(name + len - end, "0123456789abcdef") == HASH_DIGITS &&
	       !strncmp(name + len - strlen(SUFFIX), SUFFIX, strlen(SUFFIX));
}

/* A cached profile that may be the running kernel's. */
struct candidate {
	int fd;
	struct identity id;
	struct proof proof;
	uint8_t bytes[IDENTITY_BYTES]; /* what the guest has there */
	struct image_read reads[IDENTITY_PROBES];
	size_t asked; /* probes of this one in the batch */
};

struct cache {
	int dirfd;
	struct err why; /* there is no directory, or none of the user's own */
	uid_t owner;	/* of what is read and written here */
	struct candidate *v;
	size_t n;
	/* The first candidate, loaded ahead. */
	struct parts ahead;
	bool loaded, stale;
};

/*
 * Whether a file is one of the cache: the user's own, and no one else's to
 * write to, so that it stays as it was checked.
 */
static bool is_own(const struct cache *c, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == c->owner &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* One of our files, as far as its name tells.  False: no memory. */
static bool take_name(const struct cache *c, const char *name,
		      const struct stat *st, struct listing *l)
{
	size_t temporary = files_temporary_of(name);

	if (is_name(name, temporary) && files_is_left_over(st))
		unlinkat(c->dirfd, name, 0);
	if (!is_name(name, strlen(name)))
		return true;
	if (vec_push(&l->files, {.used = st->st_mtim}))
		return false;
	snprintf(l->files.v[l->files.n - 1].name, sizeof(l->files.v->name),
		 "%s", name);
	return true;
}

/*
 * Our files in the directory, the one used last first; temporary files that
 * their writers left behind are removed.  The caller frees *list.
 */
static int list_files(const struct cache *c, struct entry **list, size_t *n)
{
	_cleanup_(files_cleanup_dir) DIR *dir = files_list(c->dirfd, ".");
	struct listing l = {0};
	struct dirent *d;
	struct stat st;

	if (!dir)
		return ERR_SYS;
	while (l.files.n < MAX_ENTRIES && (d = readdir(dir)))
		if (!fstatat(c->dirfd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    is_own(c, &st) && !take_name(c, d->d_name, &st, &l))
			break;
	if (l.files.n)
		qsort(l.files.v, l.files.n, sizeof(*l.files.v), newest_first);
	*list = l.files.v;
	*n = l.files.n;
	return 0;
}

void cache_forget(struct cache *c)
{
	while (c->n)
		close(c->v[--c->n].fd);
	free(c->v);
	c->v = NULL;
	parts_deinit(&c->ahead);
}

void cache_close(struct cache *c)
{
	if (!c)
		return;
	cache_forget(c);
	cleanup_close(&c->dirfd);
	free(c);
}

/* One that was listed; -1: it is something else by now. */
static int open_file(const struct cache *c, const char *name)
{
	int fd = openat(c->dirfd, name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && is_own(c, &st))
		return fd;
	cleanup_close(&fd);
	return -1;
}

static int open_candidates(struct cache *c)
{
	_cleanup_free_ struct entry *list = NULL;
	struct candidate *at;
	size_t i, n;

	if (list_files(c, &list, &n))
		return 0;
	if (n > CACHE_FILES)
		n = CACHE_FILES;
	c->v = calloc(n + 1, sizeof(*c->v));
	if (!c->v)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		at = &c->v[c->n];
		at->fd = open_file(c, list[i].name);
		if (at->fd < 0)
			continue;
		if (store_identity(at->fd, &at->id, &at->proof, NULL))
			close(at->fd);
		else
			c->n++;
	}
	return 0;
}

int cache_open(const struct readers *r, struct cache **out, struct err *err)
{
	struct cache *c = calloc(1, sizeof(*c));
	char path[PATH_MAX];

	if (!c)
		return err_nomem(err);
	c->ahead.readers = r;
	c->owner = geteuid();
	c->dirfd = home_open(&home, true, path, &c->why);
	if (c->dirfd >= 0 && open_candidates(c)) {
		cache_close(c);
		return err_nomem(err);
	}
	c->loaded = c->n && !store_load(c->v[0].fd, &c->ahead, &c->stale, NULL);
	*out = c;
	return 0;
}

int cache_dir(const struct cache *c)
{
	return c->dirfd;
}

/* Ask the guest for `asked` probes of each candidate, in one batch. */
static int profile_cache_ask(const struct profile_image *img,
			     struct candidate *v, size_t n, struct err *err)
{
	struct image_bytes guest = image_of_guest(img);
	_cleanup_free_ struct image_read *reads = NULL;
	size_t i, total = 0, done = 0;
	int rc;

	for (i = 0; i < n; i++)
		total += v[i].asked;
	reads = calloc(total + 1, sizeof(*reads));
	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		done += identity_request(&v[i].id, v[i].asked, v[i].bytes,
					 reads + done);
	rc = guest.read(guest.ctx, reads, done, err);
	for (i = 0, done = 0; i < n; i++) {
		memcpy(v[i].reads, reads + done, v[i].asked * sizeof(*reads));
		done += v[i].asked;
	}
	return rc;
}

/* Same kernel?  1, 0, or a negative code; asks for what is not there yet. */
static int is_same(const struct profile_image *img, struct candidate *c,
		   struct err *err)
{
	int rc;

	if (identity_compare(&c->id, c->reads, c->asked) != IDENTITY_SAME)
		return 0;
	if (c->asked < c->id.n) {
		c->asked = c->id.n;
		rc = profile_cache_ask(img, c, 1, err);
		if (rc)
			return rc;
	}
	return identity_compare(&c->id, c->reads, c->asked) == IDENTITY_SAME;
}

/* The profile of candidate i, which is used just now; false: it is damaged. */
static bool cache_take(struct cache *c, size_t i, struct parts *p, bool *stale)
{
	if (i == 0 && !c->loaded)
		return false;
	if (i == 0) {
		*p = c->ahead;
		*stale = c->stale;
		c->ahead = (struct parts){.readers = p->readers};
		c->loaded = false;
	} else if (store_load(c->v[i].fd, p, stale, NULL)) {
		return false;
	}
	futimens(c->v[i].fd, NULL);
	return true;
}

/* Take the first of those that were proven in this boot: 1, 0, or negative. */
static int find_known(struct cache *c, const struct profile_image *img,
		      const struct proof_boot *boot, struct parts *p,
		      bool *stale, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < c->n && !rc; i++) {
		size_t at = proof_find(&c->v[i].proof, boot);

		if (at == PROOF_BOOTS)
			continue;
		rc = is_same(img, &c->v[i], err);
		if (rc > 0)
			rc = cache_take(c, i, p, stale);
		p->boot = at;
	}
	return rc;
}

/*
 * Prove the first that may be it and take it; boot is NULL where the guest's
 * is not known.  Only one: a guest can leave many that may be another's.
 */
static int find_new(struct cache *c, const struct profile_image *img,
		    const struct proof_boot *boot, struct parts *p, bool *stale,
		    struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < c->n && !rc; i++)
		rc = is_same(img, &c->v[i], err);
	if (rc > 0)
		rc = proof_check(&c->v[--i].proof, img, err);
	if (rc <= 0 || !cache_take(c, i, p, stale))
		return rc < 0 ? rc : 0;
	p->boot = PROOF_BOOTS;
	if (boot) {
		p->boot = proof_remember(&p->proof, boot);
		*stale = true;
	}
	return 1;
}

int cache_find(struct cache *c, const struct profile_image *img,
	       struct parts *p, bool *stale, struct err *err)
{
	struct proof_boot boot;
	size_t i;
	int rc, known;

	if (!c->n)
		return 0;
	for (i = 0; i < c->n; i++)
		c->v[i].asked = i ? 1 : c->v[i].id.n;
	known = proof_boot_of(img, &boot, err);
	if (known < 0)
		return known;
	rc = profile_cache_ask(img, c->v, c->n, err);
	if (!rc && known)
		rc = find_known(c, img, &boot, p, stale, err);
	return rc ? rc : find_new(c, img, known ? &boot : NULL, p, stale, err);
}

size_t cache_roots(const struct cache *c, const struct machine *m,
		   struct profile_root *roots, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < c->n && *m->instance; i++)
		n += proof_roots(&c->v[i].proof, m, roots + n, max - n);
	return n;
}

int cache_knows(const struct cache *c, const struct profile_image *img,
		struct err *err)
{
	struct proof_boot boot;
	size_t i;
	int rc = proof_boot_of(img, &boot, err);

	for (i = 0; i < c->n && rc > 0; i++)
		if (proof_find(&c->v[i].proof, &boot) < PROOF_BOOTS)
			return 1;
	return rc < 0 ? rc : 0;
}

/* "6.1.0-56-cloud-amd64-0123456789abcdef.qvmi" */
static void cache_file_name(const struct identity *id, char name[NAME_MAX + 1])
{
	char banner[IDENTITY_BANNER], release[65] = "kernel";
	char *p;

	identity_banner(id, banner, sizeof(banner));
	sscanf(banner, "Linux version %64s", release);
	for (p = release; *p; p++)
		if (!strchr("0123456789.-_+abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
			    *p))
			*p = '_';
	snprintf(name, NAME_MAX + 1, "%s-%016llx" SUFFIX, release,
		 (unsigned long long)identity_hash(id));
}

/* Those used longest ago; by its bytes, too, each is a profile. */
static void evict(const struct cache *c)
{
	_cleanup_free_ struct entry *list = NULL;
	size_t i, n;

	if (list_files(c, &list, &n))
		return;
	for (i = CACHE_FILES; i < n; i++) {
		_cleanup_close_ int fd = open_file(c, list[i].name);

		if (fd >= 0 && store_is_file(fd))
			unlinkat(c->dirfd, list[i].name, 0);
	}
}

int cache_store(const struct cache *c, const struct parts *p, struct err *err)
{
	char name[NAME_MAX + 1];
	int rc;

	if (c->dirfd < 0)
		return err_pass(err, &c->why);
	cache_file_name(&p->id, name);
	rc = store_write(p, c->dirfd, name, err);
	if (!rc)
		evict(c);
	return rc;
}
