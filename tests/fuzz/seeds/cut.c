/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes seeds of a kernel file: kallsyms, BTF and a profile, cut down. */
#include "fuzz/seeds/cut.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "profile/elf.h"
#include "profile/vmlinuz.h"

#define WINDOW 0x200000u /* as in fuzz_kallsyms.c */

static void check(int rc, const struct err *err)
{
	if (!rc)
		return;
	fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static void write_kallsyms(const struct elf_image *e, const char *path)
{
	_cleanup_(buf_deinit) struct buf out = {0}, seed = {0};
	size_t i;

	buf_add(&seed, "", 1); /* where the window starts, modulo 16 */
	for (i = 0; i < e->segments.n && !out.len; i++)
		cut_kallsyms(e->segments.v[i].bytes, e->segments.v[i].len,
			     e->segments.v[i].va, e->text, WINDOW, &out);
	buf_add(&seed, out.data, out.len);
	cut_write(path, seed.data, seed.len);
}

/* cut VMLINUZ NAME CORPUS: corpus/{kallsyms,btf,profile}/NAME */
int main(int argc, char **argv)
{
	_cleanup_(parts_deinit) struct parts parts = {.readers =
							      &kernel_readers};
	_cleanup_(elf_deinit) struct elf_image elf = {0};
	_cleanup_(buf_deinit) struct buf btf = {0};
	_cleanup_free_ void *unpacked = NULL;
	_cleanup_close_ int fd = -1;
	struct err err = {0};
	struct mapped file;
	char path[3][300];
	size_t len, i;

	if (argc != 4) {
		fprintf(stderr, "usage: cut VMLINUZ NAME CORPUS\n");
		return 2;
	}
	for (i = 0; i < 3; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%s/%s", argv[3],
			 (const char *[]){"kallsyms", "btf", "profile"}[i],
			 argv[2]);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	check(mapped_open(&file, fd, &err), &err);
	check(vmlinuz_unpack(file.bytes, file.len, &unpacked, &len, &err),
	      &err);
	check(elf_open(&elf, unpacked, len, &err), &err);
	check(elf_parts(&elf, &parts, &err), &err);
	write_kallsyms(&elf, path[0]);
	cut_btf(parts.btf, parts.btf_len, &btf);
	cut_write(path[1], btf.data, btf.len);
	cut_profile(&parts, path[2]);
	mapped_close(&file);
	return 0;
}
