/* SPDX-License-Identifier: BSD-2-Clause */
/* A host file in memory. */
#include "profile/mapped.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include "base/files.h"

int mapped_length(int fd, size_t *len, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_sys(err, ERR_SYS, "cannot be read");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CORRUPT, "not a regular file");
	*len = (size_t)st.st_size;
	return 0;
}

int mapped_open(struct mapped *m, int fd, struct err *err)
{
	size_t len = 0;
	void *p;
	int rc;

	*m = (struct mapped){0};
	rc = mapped_length(fd, &len, err);
	if (rc || !len)
		return rc;
	p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(err, ERR_SYS, "cannot be mapped");
	*m = (struct mapped){.bytes = p, .len = len};
	return 0;
}

/* All of the bytes, as the file had them at one time each. */
static int mapped_read_all(int fd, uint8_t *to, size_t len, struct err *err)
{
	ssize_t n = files_read_at(fd, to, len, 0);

	if (n < 0)
		return err_sys(err, ERR_SYS, "cannot be read");
	if ((size_t)n < len)
		return err_set(err, ERR_CORRUPT,
			       "became shorter while it was read");
	return 0;
}

int mapped_read(struct mapped *m, int fd, size_t max, struct err *err)
{
	size_t len = 0;
	void *p;
	int rc;

	*m = (struct mapped){0};
	rc = mapped_length(fd, &len, err);
	if (rc || !len)
		return rc;
	if (len > max)
		return err_set(err, ERR_REFUSED,
			       "has %zu MiB; a file of its kind that has more "
			       "than %zu is not looked at",
			       len >> 20, max >> 20);
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0);
	if (p == MAP_FAILED)
		return err_nomem(err);
	/* Where there are none, nothing is lost: 15 MB then take 70 ms, not 10.
	 */
	madvise(p, len, MADV_HUGEPAGE);
	*m = (struct mapped){.bytes = p, .len = len};
	rc = mapped_read_all(fd, p, len, err);
	if (rc)
		mapped_close(m);
	return rc;
}

void mapped_close(struct mapped *m)
{
	union {
		const uint8_t *bytes;
		void *map;
	} u = {.bytes = m->bytes};

	if (u.map)
		munmap(u.map, m->len);
	*m = (struct mapped){0};
}
