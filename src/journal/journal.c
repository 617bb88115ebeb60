/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal's directory. */
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/home.h"

#define NAME	     "write"
#define ENTRIES_MAX  (1u << 20)
#define ENTRY_MAX    (512u << 20) /* bytes of a file */
#define LOCK_SECONDS 10

static const struct home home = {"XDG_STATE_HOME", ".local/state", "/var/lib"};

/* As parts of file names. */
static const char *const suffixes[JOURNAL_STATES] = {
	[JOURNAL_UNFINISHED] = "unfinished",
	[JOURNAL_WRITTEN] = "written",
	[JOURNAL_UNDONE] = "undone",
	[JOURNAL_PUT_BACK] = "put-back",
};

struct listing {
	VEC(struct journal_name) names;
};

struct journal {
	int dirfd;		 /* -1: there is none */
	int fd;			 /* of the entry to come, or -1 */
	char temp[NAME_MAX + 1]; /* its name; "" when it has another */
	char path[PATH_MAX];	 /* of the directory, for messages */
};

static void journal_file_name(char name[NAME_MAX + 1], unsigned int id,
			      enum journal_state state)
{
	snprintf(name, NAME_MAX + 1, NAME "-%u.%s", id, suffixes[state]);
}

/* The reverse; false: it is none of ours. */
static bool parse_name(const char *file, struct journal_name *name)
{
	char again[NAME_MAX + 1];
	unsigned int id;
	int state;

	if (sscanf(file, NAME "-%9u.", &id) != 1)
		return false;
	for (state = 0; state < JOURNAL_STATES; state++) {
		journal_file_name(again, id, (enum journal_state)state);
		if (!strcmp(again, file))
			break;
	}
	*name = (struct journal_name){.id = id,
				      .state = (enum journal_state)state};
	return state < JOURNAL_STATES;
}

static int journal_fail(const struct journal *j, const char *name,
			struct err *err)
{
	return err_sys(err, ERR_SYS, "the journal: %.300s/%s", j->path, name);
}

static void make_temporary(struct journal *j, struct err *err)
{
	j->fd = files_temporary(j->dirfd, NAME, j->temp, sizeof(j->temp), err);
	if (j->fd < 0)
		err_wrap(err, err->code, "%.300s", j->path);
}

int journal_open(bool write, struct journal **out, struct err *err)
{
	struct journal *j = calloc(1, sizeof(*j));
	struct err why = {0};

	if (!j)
		return err_nomem(err);
	j->fd = j->dirfd = -1;
	j->dirfd = home_open(&home, write, j->path, &why);
	if (j->dirfd >= 0 && write)
		make_temporary(j, &why);
	if (!why.code || why.code == ERR_NOT_FOUND) {
		*out = j;
		return 0;
	}
	journal_close(j);
	return err_set(err, why.code, "the journal: %s%s", why.text,
		       write ? " (no write without a journal)" : "");
}

int journal_ready(struct journal *j, struct err *err)
{
	struct err why = {0};

	if (j->fd >= 0 && *j->temp)
		return 0;
	if (j->fd >= 0)
		close(j->fd);
	make_temporary(j, &why);
	return why.code ? err_set(err, why.code, "the journal: %s", why.text)
			: 0;
}

int journal_dir(const struct journal *j)
{
	return j->dirfd;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0) {
		close(j->fd);
		if (*j->temp)
			unlinkat(j->dirfd, j->temp, 0);
	}
	if (j->dirfd >= 0)
		close(j->dirfd);
	free(j);
}

static int by_id(const void *a, const void *b)
{
	const struct journal_name *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool is_temporary(const char *file)
{
	return files_temporary_of(file) == strlen(NAME) &&
	       !strncmp(file, NAME, strlen(NAME));
}

/* What the directory has that is ours; 0, or -1 with errno. */
static int journal_take_file(const struct journal *j, const char *file,
			     struct listing *l)
{
	struct journal_name name = {0};
	bool temporary = is_temporary(file);
	struct stat st;

	if (!temporary && !parse_name(file, &name))
		return 0;
	if (fstatat(j->dirfd, file, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -1; /* gone by now */
	if (!S_ISREG(st.st_mode))
		return 0;
	if (temporary && files_is_left_over(&st))
		unlinkat(j->dirfd, file, 0);
	if (temporary)
		return 0;
	name.changed = st.st_mtime;
	errno = ENOMEM;
	return vec_push(&l->names, name) ? -1 : 0;
}

/* All of it, in whatever order; 0, or -1 with errno. */
static int take_files(const struct journal *j, struct listing *l)
{
	_cleanup_(files_cleanup_dir) DIR *dir = files_list(j->dirfd, ".");
	struct dirent *d = NULL;

	if (!dir)
		return -1;
	while (l->names.n < ENTRIES_MAX && (d = files_next(dir)))
		if (journal_take_file(j, d->d_name, l))
			return -1;
	return !d && errno ? -1 : 0;
}

/* Nothing less than all: what is not seen would seem not to have been written.
 */
int journal_list(struct journal *j, struct journal_name **list, size_t *n,
		 struct err *err)
{
	struct listing l = {0};
	int rc;

	*list = NULL;
	*n = 0;
	if (j->dirfd < 0)
		return 0;
	if (take_files(j, &l)) {
		rc = errno == ENOMEM ? err_nomem(err)
				     : journal_fail(j, "", err);
		vec_deinit(&l.names);
		return rc;
	}
	if (l.names.n)
		qsort(l.names.v, l.names.n, sizeof(*l.names.v), by_id);
	*list = l.names.v;
	*n = l.names.n;
	return 0;
}

int journal_find(struct journal *j, unsigned int id, struct journal_name *name,
		 struct err *err)
{
	_cleanup_free_ struct journal_name *list = NULL;
	size_t i, n;
	int rc = journal_list(j, &list, &n, err);

	for (i = 0; !rc && i < n; i++)
		if (list[i].id == id) {
			*name = list[i];
			return 0;
		}
	return rc ? rc
		  : err_set(err, ERR_NOT_FOUND,
			    "there is no entry %u in the journal", id);
}

/* Who gives a number away, or renames, holds the directory for a moment. */
static int lock(const struct journal *j, struct err *err)
{
	const struct timespec nap = {.tv_nsec = 2000000};
	int tries;

	for (tries = 0; tries < LOCK_SECONDS * 500; tries++) {
		if (!flock(j->dirfd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return journal_fail(j, "", err);
		nanosleep(&nap, NULL);
	}
	return err_set(err, ERR_REFUSED,
		       "the journal: another qvmi holds it locked");
}

static void unlock(const struct journal *j)
{
	flock(j->dirfd, LOCK_UN);
}

/* Give the written file the next number; the directory is locked. */
static int give_number(struct journal *j, struct journal_entry *e,
		       char name[NAME_MAX + 1], struct err *err)
{
	_cleanup_free_ struct journal_name *list = NULL;
	size_t n;
	int rc = journal_list(j, &list, &n, err);

	if (rc)
		return rc;
	e->id = n ? list[n - 1].id + 1 : 1;
	e->state = JOURNAL_UNFINISHED;
	journal_file_name(name, e->id, e->state);
	if (renameat2(j->dirfd, j->temp, j->dirfd, name, RENAME_NOREPLACE))
		return journal_fail(j, name, err);
	*j->temp = '\0';
	return 0;
}

/* What was written into the file of the entry to come is none's. */
static void journal_spoil(struct journal *j)
{
	unlinkat(j->dirfd, j->temp, 0);
	*j->temp = '\0';
}

int journal_record(struct journal *j, struct journal_entry *e, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	char name[NAME_MAX + 1];
	int rc = journal_encode(e, &b, err);

	if (rc)
		return rc;
	if (files_write(j->fd, b.data, b.len) || fsync(j->fd))
		rc = journal_fail(j, j->temp, err);
	if (!rc)
		rc = lock(j, err);
	if (rc) {
		journal_spoil(j);
		return rc;
	}
	rc = give_number(j, e, name, err);
	unlock(j);
	if (rc)
		journal_spoil(j);
	if (!rc && files_sync_dir(j->dirfd)) {
		rc = journal_fail(j, name, err);
		unlinkat(j->dirfd, name, 0);
	}
	return rc;
}

static int rename_entry(struct journal *j, unsigned int id,
			enum journal_state from, enum journal_state to,
			struct err *err)
{
	char old[NAME_MAX + 1], new[NAME_MAX + 1];

	journal_file_name(old, id, from);
	journal_file_name(new, id, to);
	if (!renameat2(j->dirfd, old, j->dirfd, new, RENAME_NOREPLACE))
		return 0;
	if (errno != ENOENT)
		return journal_fail(j, new, err);
	return err_set(err, ERR_NOT_FOUND,
		       "entry %u of the journal is not '%s' any more", id,
		       journal_state_name(from));
}

/* Locked, since who lists a directory may see neither name of a rename. */
int journal_move(struct journal *j, unsigned int id, enum journal_state from,
		 enum journal_state to, struct err *err)
{
	int rc = lock(j, err);

	if (rc)
		return rc;
	rc = rename_entry(j, id, from, to, err);
	unlock(j);
	return !rc && files_sync_dir(j->dirfd) ? journal_fail(j, "", err) : rc;
}

int journal_load(struct journal *j, const struct journal_name *name,
		 struct journal_entry *e, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	_cleanup_close_ int fd = -1;
	char file[NAME_MAX + 1];
	int rc = 0;

	journal_file_name(file, name->id, name->state);
	fd = openat(j->dirfd, file,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || files_read(fd, ENTRY_MAX, &b))
		rc = err_sys(err, ERR_SYS, "cannot be read");
	if (!rc)
		rc = journal_decode(b.data ? b.data : "", b.len, e, err);
	e->id = name->id;
	e->state = name->state;
	return rc ? err_wrap(err, rc, "the journal: %.300s/%s", j->path, file)
		  : 0;
}

int journal_forget(struct journal *j, const struct journal_name *name,
		   struct err *err)
{
	char file[NAME_MAX + 1];

	journal_file_name(file, name->id, name->state);
	if (unlinkat(j->dirfd, file, 0) || files_sync_dir(j->dirfd))
		return journal_fail(j, file, err);
	return 0;
}
