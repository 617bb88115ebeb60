/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a profile down to the symbols and types that qvmi asks for. */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fuzz/seeds/cut.h"
#include "profile/store.h"

/* What src/kernel and src/profile look up by name, and their borders. */
static const char *const names[] = {
	"_text",
	"_etext",
	"_end",
	"__per_cpu_start",
	"__per_cpu_end",
	"__per_cpu_offset",
	"anon_inodefs_dname",
	"boot_cpu_data",
	"current_task",
	"gate_vma",
	"gate_vma_name",
	"init_level4_pgt",
	"init_pid_ns",
	"init_task",
	"init_top_pgt",
	"init_uts_ns",
	"linux_banner",
	"memory_failure",
	"nr_cpu_ids",
	"page_offset_base",
	"pcpu_hot",
	"pipefs_dname",
	"simple_dname",
	"sockfs_dname",
	"special_mapping_name",
	"swap_info",
	"vmalloc_base",
	"vmemmap_base",
	"vsyscall_mode",
};

static bool is_kept(const char *name)
{
	size_t i, len;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = strlen(names[i]);
		if (!strncmp(name, names[i], len) &&
		    (!name[len] || name[len] == '.'))
			return true;
	}
	return false;
}

static void cut_symbols(const struct symtab *s, struct parts *p)
{
	struct symtab_builder b = {0};
	bool after = false; /* sizes are inferred from the symbol behind */
	uint32_t i;

	for (i = 0; i < s->n; i++) {
		const struct symtab_symbol sym = symtab_at(s, i);
		const char *name = symtab_name(s, i);

		if ((is_kept(name) || after) &&
		    symtab_add(&b, &sym, name, strlen(name)))
			abort();
		after = !strcmp(name, "swap_info");
	}
	if (parts_take_symbols(p, &b, NULL))
		abort();
	symtab_builder_deinit(&b);
}

void cut_profile(const struct parts *whole, const char *path)
{
	struct parts p = {.readers = whole->readers,
			  .id = whole->id,
			  .link_text = whole->link_text};
	_cleanup_free_ char *dir = strdup(path), *base = strdup(path);
	_cleanup_(buf_deinit) struct buf btf = {0};
	_cleanup_close_ int fd = -1;
	struct err err = {0};

	if (!dir || !base)
		abort();
	cut_symbols(&whole->sym, &p);
	cut_btf(whole->btf, whole->btf_len, &btf);
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parts_take_btf(&p, (const uint8_t *)btf.data, btf.len, NULL,
			   &err) ||
	    store_write(&p, fd, basename(base), &err)) {
		fprintf(stderr, "%s: %s\n", path, err.text);
		exit(1);
	}
	/* Nothing that was asked for may be lost. */
	if (p.values.n != whole->values.n ||
	    memcmp(p.values.v, whole->values.v,
		   p.values.n * sizeof(*p.values.v)) != 0)
		abort();
	parts_deinit(&p);
}

void cut_write(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f)) {
		perror(path);
		exit(1);
	}
	printf("%s: %zu bytes\n", path, len);
}
