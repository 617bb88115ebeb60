/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes portraits of a kernel whose modules lie, and what is written of them.
 */
#include <ctype.h>
#include <string.h>

#include "base/cursor.h"
#include "export/writers.h"
#include "fuzz/fuzz.h"
#include "unit/btf_kit.h"
#include "unit/module_kit.h"

/*
 * An input, little-endian: values for memory, {u16 index, u32 value} each: a
 * value goes to the kernel address DIRECT + 4 * index.  What they change is the
 * kernel of unit/module_kit.h, with types.
 */

#define CHANGES 64u /* at most */

static struct fake_kernel kernel;
static struct buf base, split;
static uint8_t *before; /* its memory as it was made */

static const struct profile_listed image[] = {
	{"_text", CODE, 'T', false},
	{"in_image", CODE + 0x100, 't', false},
};

static void make_kernel(void)
{
	struct btf_kit kit = {0};
	unsigned int n;

	kit_modules_init(&kernel);
	kernel.kernel.text = CODE;
	kit_btf_int(&kit, "int", 4, 32);
	kit_btf_blob(&kit, 24, 0, &base);
	kit_btf_deinit(&kit);
	kit = (struct btf_kit){0};
	kit_btf_type(&kit, "", 2 /* a pointer */, 0, false, 1);
	kit_btf_blob(&kit, 24, 0, &split);
	kit_btf_deinit(&kit);
	fake_listing(image, sizeof(image) / sizeof(*image));
	fake_btf(base.data, base.len, 0);
	fake_symbol("btf_modules", BTFS);
	for (n = 0; n < MODULES_N; n++) {
		kit_put_letters(&kernel, n, "?tTdb",
				(struct kit_export[]){{TEXT(n), "both"}}, 1);
		kit_put_btf(&kernel, n, split.data, split.len, 2, 5);
	}
	before = fuzz_copy(kernel.memory.bytes, kernel.memory.size);
}

static void check_symbols(const struct portrait *p)
{
	const char *name;
	size_t i;

	for (i = 0; i < p->symbols.n; i++) {
		const struct portrait_symbol *s = &p->symbols.v[i];

		fuzz_require(s->owner <= p->owners.n);
		fuzz_require(s->type == '?' || isalpha((unsigned char)s->type));
		for (name = portrait_name(p, s); *name; name++)
			fuzz_require(isgraph((unsigned char)*name));
	}
	for (i = 0; i < p->owners.n; i++)
		fuzz_require(!strchr(p->owners.v[i].name, '/'));
	for (i = 0; i < p->types.n; i++)
		fuzz_require(p->types.v[i].owner <= p->n_modules);
}

static void write_all(const struct portrait *p)
{
	FILE *out = fopen("/dev/null", "w");
	size_t i;

	if (!out)
		abort();
	fuzz_require(!export_kallsyms(p, out, NULL));
	fuzz_require(!export_system_map(p, out, NULL));
	for (i = 0; i < p->types.n; i++)
		fuzz_require(!export_btf_part(p, i, out, NULL));
	fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct portrait p = {0};
	struct cursor c;
	unsigned int n;

	if (!before)
		make_kernel();
	cursor_init(&c, data, size);
	for (n = 0; n < CHANGES && cursor_left(&c) >= 6; n++) {
		uint64_t at = DIRECT + cursor_u16(&c) * 4ULL;

		fake_put32(&kernel, at, cursor_u32(&c));
	}
	fuzz_require(!portrait_take(
		&kernel.kernel,
		PORTRAIT_SYMBOLS | PORTRAIT_TYPES | PORTRAIT_TEXT, &p, NULL));
	fuzz_require(!portrait_settle(&p, NULL));
	check_symbols(&p);
	write_all(&p);
	portrait_deinit(&p);
	machine_drop_cache(&kernel.memory.machine);
	/* page tables lie behind what can be changed */
	memcpy(kernel.memory.bytes, before, 0x40000);
	return 0;
}
