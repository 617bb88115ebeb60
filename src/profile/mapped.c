/* SPDX-License-Identifier: BSD-2-Clause */
/* A host file mapped for reading. */
#include "profile/mapped.h"

#include <sys/mman.h>
#include <sys/stat.h>

int mapped_open(struct mapped *m, int fd, struct err *err)
{
	struct stat st;
	void *p;

	*m = (struct mapped){0};
	if (fstat(fd, &st))
		return err_sys(err, ERR_SYS, "cannot be mapped");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CORRUPT, "not a regular file");
	if (!st.st_size)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(err, ERR_SYS, "cannot be mapped");
	*m = (struct mapped){.bytes = p, .len = (size_t)st.st_size};
	return 0;
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
