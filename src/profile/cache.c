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
#include "profile/store.h"

#define SUFFIX	    ".qvmi"
#define MAX_ENTRIES 4096u

static const struct files_home home = {"XDG_CACHE_HOME", ".cache"};

struct entry {
	char name[NAME_MAX + 1];
	struct timespec used;
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

static bool has_suffix(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(SUFFIX) &&
	       !strcmp(name + len - strlen(SUFFIX), SUFFIX);
}

/*
 * Our files in the directory, the one used last first; temporary files that
 * their writers left behind are removed.  The caller frees *list.
 */
static int list_files(int dirfd, struct entry **list, size_t *n)
{
	_cleanup_(files_cleanup_dir) DIR *dir = files_list(dirfd);
	VEC(struct entry) v = {0};
	struct dirent *d;
	struct stat st;

	if (!dir)
		return ERR_SYS;
	while (v.n < MAX_ENTRIES && (d = readdir(dir))) {
		if (fstatat(dirfd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode) || st.st_uid != geteuid())
			continue;
		if (files_is_left_over(d->d_name, SUFFIX, &st))
			unlinkat(dirfd, d->d_name, 0);
		if (!has_suffix(d->d_name))
			continue;
		if (vec_push(&v, {.used = st.st_mtim}))
			break;
		snprintf(v.v[v.n - 1].name, sizeof(v.v->name), "%s", d->d_name);
	}
	if (v.n)
		qsort(v.v, v.n, sizeof(*v.v), newest_first);
	*list = v.v;
	*n = v.n;
	return 0;
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
	struct candidate *v;
	size_t n;
	/* The first candidate, loaded ahead. */
	struct parts ahead;
	bool loaded, stale;
};

void cache_close(struct cache *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n; i++)
		close(c->v[i].fd);
	free(c->v);
	parts_deinit(&c->ahead);
	free(c);
}

static int open_candidates(int dirfd, struct cache *c)
{
	_cleanup_free_ struct entry *list = NULL;
	struct candidate *at;
	size_t i, n;

	if (list_files(dirfd, &list, &n))
		return 0;
	if (n > CACHE_FILES)
		n = CACHE_FILES;
	c->v = calloc(n + 1, sizeof(*c->v));
	if (!c->v)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		at = &c->v[c->n];
		at->fd = openat(dirfd, list[i].name,
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (at->fd < 0)
			continue;
		if (store_identity(at->fd, &at->id, &at->proof, NULL))
			close(at->fd);
		else
			c->n++;
	}
	return 0;
}

int cache_open(struct cache **out, struct err *err)
{
	_cleanup_close_ int dirfd = files_open_home(&home, false, NULL);
	struct cache *c = calloc(1, sizeof(*c));

	if (!c || (dirfd >= 0 && open_candidates(dirfd, c))) {
		cache_close(c);
		return err_nomem(err);
	}
	c->loaded = c->n && !store_load(c->v[0].fd, &c->ahead, &c->stale, NULL);
	*out = c;
	return 0;
}

/* Ask the guest for `asked` probes of each candidate, in one batch. */
static int ask(const struct profile_image *img, struct candidate *v, size_t n,
	       struct err *err)
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
		rc = ask(img, c, 1, err);
		if (rc)
			return rc;
	}
	return identity_compare(&c->id, c->reads, c->asked) == IDENTITY_SAME;
}

/* The profile of candidate i, which is used just now; false: it is damaged. */
static bool take(struct cache *c, size_t i, struct parts *p, bool *stale)
{
	if (i == 0 && !c->loaded)
		return false;
	if (i == 0) {
		*p = c->ahead;
		*stale = c->stale;
		c->ahead = (struct parts){0};
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
		if (!proof_knows(&c->v[i].proof, boot))
			continue;
		rc = is_same(img, &c->v[i], err);
		if (rc > 0)
			rc = take(c, i, p, stale);
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
	if (rc <= 0 || !take(c, i, p, stale))
		return rc < 0 ? rc : 0;
	if (boot) {
		proof_remember(&p->proof, boot);
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
	rc = ask(img, c->v, c->n, err);
	if (!rc && known)
		rc = find_known(c, img, &boot, p, stale, err);
	return rc ? rc : find_new(c, img, known ? &boot : NULL, p, stale, err);
}

/* "6.1.0-56-cloud-amd64-0123456789abcdef.qvmi" */
static void file_name(const struct identity *id, char name[NAME_MAX + 1])
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

/* Remove what was not used for longest, beyond what is looked through. */
static void evict(int dirfd)
{
	_cleanup_free_ struct entry *list = NULL;
	size_t i, n;

	if (list_files(dirfd, &list, &n))
		return;
	for (i = CACHE_FILES; i < n; i++)
		unlinkat(dirfd, list[i].name, 0);
}

int cache_store(const struct parts *p, struct err *err)
{
	_cleanup_close_ int dirfd = files_open_home(&home, true, err);
	char name[NAME_MAX + 1];
	int rc;

	if (dirfd < 0)
		return dirfd;
	file_name(&p->id, name);
	rc = store_write(p, dirfd, name, err);
	if (!rc)
		evict(dirfd);
	return rc;
}
