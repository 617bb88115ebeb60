/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel whose profile and memory a test writes down itself. */
#include "unit/fake_kernel.h"

#include "arch/x86_64.h"

#include <stdlib.h>
#include <string.h>

#include "unit/wants_kit.h"

#define SYMBOLS_MAX 64

struct profile {
	struct wanted_value values[READERS * WANTS_MAX]; /* by id */
	bool lost[READERS];
	struct {
		const char *name;
		uint64_t va;
	} symbols[SYMBOLS_MAX];
	size_t n_symbols;
	const struct profile_listed *listing;
	size_t n_listed;
	const uint8_t *btf;
	size_t btf_len;
	int btf_code;
};

static struct profile the_profile;

/* Physical pages of the tables: the last ones of the memory. */
#define PGD_PA 0xff000
#define PUD_PA 0xfe000

void fake_kernel_init(struct fake_kernel *f)
{
	the_profile = (struct profile){0};
	array_machine_init(&f->memory, 1 << 20);
	/* pgd[273] -> PUD; pud[0]: a 1 GiB page from physical 0 on */
	array_put64(&f->memory, PGD_PA + 273 * 8, PUD_PA | 0x63);
	array_put64(&f->memory, PUD_PA, 0xe3 | PTE_NX);
	f->kernel = (struct kernel){
		.machine = &f->memory.machine,
		.profile = &the_profile,
		.root = {.pgd = PGD_PA, .paging = &paging_4level},
		.page_offset = DIRECT,
		.release = "6.0.0-fake",
	};
}

void fake_kernel_deinit(struct fake_kernel *f)
{
	array_machine_deinit(&f->memory);
}

/* Give it to all readers that want it. */
static void fake_set(enum want_kind kind, const char *name,
		     const struct wanted_value *value)
{
	uint32_t i, j;

	kit_want(kind, name); /* one does */
	for (i = 0; i < READERS; i++)
		for (j = 0; j < kernel_readers.v[i]->n; j++)
			if (kit_is_want(&kernel_readers.v[i]->v[j], kind, name))
				the_profile.values[WANTS_OF(i) + j] = *value;
}

void fake_field(const char *name, uint32_t offset, uint32_t size)
{
	const struct wanted_value v = {
		{.present = true, .offset = offset, .size = size}, 0};

	fake_set(WANT_FIELD, name, &v);
}

void fake_bits(const char *name, uint32_t offset, uint8_t bit, uint8_t size)
{
	const struct wanted_value v = {{.present = true,
					.offset = offset,
					.size = (bit + size + 7u) / 8,
					.bit_offset = bit,
					.bit_size = size},
				       0};

	fake_set(WANT_FIELD, name, &v);
}

void fake_fields(const struct fake_member *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		fake_field(list[i].name, list[i].offset, list[i].size);
}

void fake_page_fields(void)
{
	static const struct fake_member list[] = {
		{"page.flags.f", 0, 8},	   {"page.compound_info", 8, 8},
		{"page.mapping", 24, 8},   {"page.index", 32, 8},
		{"page.private", 40, 8},   {"page._mapcount", 48, 4},
		{"page.page_type", 48, 4}, {"page._refcount", 52, 4},
		{"page.memcg_data", 56, 8}};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_sizeof("page", 64);
	fake_constant("pagetype.PGTY_buddy", 0xf0);
	fake_constant("pagetype.PGTY_offline", 0xf1);
	fake_constant("pagetype.PGTY_table", 0xf2);
	fake_constant("pagetype.PGTY_hugetlb", 0xf4);
	fake_constant("pagetype.PGTY_slab", 0xf5);
}

void fake_no_field(const char *name)
{
	const struct wanted_value none = {0};

	fake_set(WANT_FIELD, name, &none);
}

void fake_sizeof(const char *name, uint32_t size)
{
	const struct wanted_value v = {{.present = true, .size = size}, 0};

	fake_set(WANT_SIZE, name, &v);
}

void fake_constant(const char *name, int64_t value)
{
	const struct wanted_value v = {{.present = true}, value};

	fake_set(WANT_CONSTANT, name, &v);
}

void fake_task_fields(void)
{
	fake_field("pid_namespace.idr.idr_rt.xa_head", 8, 8);
	fake_field("xa_node.shift", 0, 1);
	fake_field("xa_node.slots", 40, 64 * 8);
	fake_field("pid.tasks", 16, 4 * 8);
	fake_sizeof("hlist_node", 16);
	fake_constant("pid_type.PIDTYPE_PID", 0);
	fake_constant("pid_type.PIDTYPE_TGID", 1);
	fake_field("task_struct.__state", 0, 4);
	fake_field("task_struct.exit_state", 4, 4);
	fake_field("task_struct.flags", 8, 4);
	fake_field("task_struct.pid", 12, 4);
	fake_field("task_struct.tgid", 16, 4);
	fake_field("task_struct.mm", 24, 8);
	fake_field("task_struct.real_parent", 32, 8);
	fake_field("task_struct.real_cred", 40, 8);
	fake_field("task_struct.comm", 48, 16);
}

void fake_lose(enum reader reader)
{
	the_profile.lost[reader] = true;
}

void fake_symbol(const char *name, uint64_t va)
{
	if (the_profile.n_symbols == SYMBOLS_MAX)
		abort();
	the_profile.symbols[the_profile.n_symbols].name = name;
	the_profile.symbols[the_profile.n_symbols++].va = va;
}

void fake_listing(const struct profile_listed *v, size_t n)
{
	the_profile.listing = v;
	the_profile.n_listed = n;
}

void fake_btf(const void *btf, size_t len, int code)
{
	the_profile.btf = btf;
	the_profile.btf_len = len;
	the_profile.btf_code = code;
}

void fake_put64(struct fake_kernel *f, uint64_t va, uint64_t value)
{
	array_put64(&f->memory, va - DIRECT, value);
}

void fake_put32(struct fake_kernel *f, uint64_t va, uint32_t value)
{
	array_put32(&f->memory, va - DIRECT, value);
}

void fake_puts(struct fake_kernel *f, uint64_t va, const char *text)
{
	memcpy(f->memory.bytes + (va - DIRECT), text, strlen(text) + 1);
}

void fake_ring(struct fake_kernel *f, uint64_t head, const uint64_t *links,
	       size_t n)
{
	uint64_t at = head;
	size_t i;

	for (i = 0; i <= n; i++) {
		uint64_t next = i < n ? links[i] : head;

		fake_put64(f, at, next);
		fake_put64(f, next + 8, at);
		at = next;
	}
}

void fake_put_field(struct fake_kernel *f, uint64_t va, const char *name,
		    uint64_t value)
{
	const struct profile_field *field =
		&the_profile.values[kit_want(WANT_FIELD, name)].field;

	if (!field->present)
		abort();
	if (field->size == 4)
		fake_put32(f, va + field->offset, (uint32_t)value);
	else
		fake_put64(f, va + field->offset, value);
}

/* In place of profile/profile.c. */

int profile_open(struct profile *p, const struct profile_image *img,
		 struct err *err)
{
	(void)p, (void)img;
	return err_set(err, ERR_NO_LINUX, "a fake has nothing to open");
}

/* It has no cache, and so remembers none. */
size_t profile_roots(const struct profile *p, const struct machine *m,
		     struct profile_root roots[PROFILE_ROOTS])
{
	(void)p, (void)m, (void)roots;
	return 0;
}

int profile_knows(const struct profile *p, const struct profile_image *img,
		  struct err *err)
{
	(void)p, (void)img, (void)err;
	return 0;
}

void profile_remember_root(struct profile *p, const struct walk_root *root)
{
	(void)p, (void)root;
}

uint64_t profile_slide(const struct profile *p)
{
	(void)p;
	return 0;
}

int profile_unknown(const struct profile *p, const char *words, struct err *err)
{
	(void)p;
	return err_set(err, ERR_NO_LINUX, "%s", words);
}

const char *profile_keeps(const struct profile *p)
{
	(void)p;
	return "in no way that is known";
}

int profile_check_reader(const struct profile *p, uint32_t reader,
			 struct err *err)
{
	return p->lost[reader] ? err_set(err, ERR_NO_LINUX, "%s cannot be read",
					 kernel_readers.v[reader]->reader)
			       : 0;
}

bool profile_symbol(const struct profile *p, const char *name, uint64_t *va)
{
	size_t i;

	for (i = 0; i < p->n_symbols; i++)
		if (!strcmp(p->symbols[i].name, name)) {
			*va = p->symbols[i].va;
			return true;
		}
	return false;
}

bool profile_list(const struct profile *p, struct profile_listing *at,
		  struct profile_listed *out)
{
	if (at->image == p->n_listed)
		return false;
	*out = p->listing[at->image++];
	return true;
}

int profile_btf(const struct profile *p, const uint8_t **btf, size_t *len,
		struct err *err)
{
	if (p->btf_code)
		return err_set(err, p->btf_code, "no BTF in the fake");
	*btf = p->btf;
	*len = p->btf_len;
	return 0;
}

size_t profile_named(const struct profile *p, const char *name,
		     struct profile_named out[PROFILE_NAMED])
{
	size_t i, n = 0;

	for (i = 0; i < p->n_symbols; i++)
		if (!strcmp(p->symbols[i].name, name) && n++ < PROFILE_NAMED)
			out[n - 1] = (struct profile_named){p->symbols[i].name,
							    p->symbols[i].va};
	return n;
}

bool profile_next_symbol(const struct profile *p, uint64_t va, uint64_t *next)
{
	size_t i;
	bool found = false;

	for (i = 0; i < p->n_symbols; i++)
		if (p->symbols[i].va > va &&
		    (!found || p->symbols[i].va < *next)) {
			*next = p->symbols[i].va;
			found = true;
		}
	return found;
}

bool profile_nearest(const struct profile *p, uint64_t va, const char **name,
		     uint64_t *offset)
{
	size_t i;

	for (i = 0; i < p->n_symbols; i++)
		if (p->symbols[i].va == va) {
			*name = p->symbols[i].name;
			*offset = 0;
			return true;
		}
	return false;
}

const struct profile_field *profile_field(const struct profile *p, uint32_t id)
{
	return &p->values[id].field;
}

uint32_t profile_sizeof(const struct profile *p, uint32_t id)
{
	return p->values[id].field.size;
}

bool profile_constant(const struct profile *p, uint32_t id, int64_t *value)
{
	if (p->values[id].field.present)
		*value = p->values[id].constant;
	return p->values[id].field.present;
}
