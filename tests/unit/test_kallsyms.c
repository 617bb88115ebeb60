/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of kallsyms: every layout since 3.16, and hostile bytes. */
#include "symbols/kallsyms.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/kallsyms_kit.h"

#define TEXT   0xffffffffb8800000ULL /* a slid kernel */
#define BEFORE 0x1034u		     /* other rodata in front of the tables */
#define RODATA (TEXT + 0xe00000)
#define BANNER (TEXT + 0xe00200)
#define COUNT  1500u

static struct kit_symbol *syms;
static size_t n_syms;

static void add(uint64_t address, char type, const char *name)
{
	struct kit_symbol *s = &syms[n_syms++];

	s->address = address;
	s->type = type;
	snprintf(s->name, sizeof(s->name), "%s", name);
}

/* A name that does not compress into few tokens. */
static void add_long(uint64_t address)
{
	char name[400];
	unsigned int v = 12345;
	size_t i;

	for (i = 0; i + 1 < sizeof(name); i++) {
		v = v * 1103515245 + 12345;
		name[i] = (char)('A' + (v >> 16) % 26);
	}
	name[i] = '\0';
	add(address, 't', name);
}

/* A kernel's worth of symbols; `self` is where the offsets are. */
static void make_symbols(enum kit_layout layout, uint64_t self)
{
	static const char *const words[] = {"alloc", "page", "mutex", "inode",
					    "write", "irq",  "vma",   "queue"};
	char name[64];
	unsigned int i;

	n_syms = 0;
	if (layout <= KIT_6_4_ABSOLUTE) { /* per-CPU offsets */
		add(0, 'A', "fixed_percpu_data");
		add(0x1fbc0, 'A', "current_task");
	}
	add(TEXT, 'T', "_text");
	add(TEXT, 'T', "startup_64");
	for (i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "%s_%s_%s%u", words[i % 8],
			 words[i / 8 % 8], words[i / 64 % 8], i);
		add(TEXT + 64 + i * 64, i % 3 ? 'T' : 't', name);
	}
	add(TEXT + 63, 't', "shrink_slab.isra.0");
	if (layout >= KIT_6_2)
		add_long(TEXT + 61);
	add(BANNER, 'D', "linux_banner");
	if (kit_lists_itself(layout))
		add(self, 'D', "kallsyms_offsets");
	add(TEXT + 0x1613940, 'D', "init_task");
	kit_sort(syms, n_syms);
}

/* Bytes like a kernel's rodata, tables at the end of it. */
static void make_image(enum kit_layout layout, struct buf *image,
		       struct kit_places *places)
{
	uint64_t self = RODATA + 0x20000;
	int pass;

	for (pass = 0; pass < 2; pass++) {
		buf_reset(image);
		while (image->len < BEFORE)
			kit_put(image, image->len * 2654435761u >> 9, 1);
		/* A decoy: digits that are no token table. */
		buf_add(image,
			"\0000\0001\0002\0003\0004\0005\0006\0007\0008\0009",
			21);
		make_symbols(layout, self);
		kit_kallsyms(image, layout, syms, n_syms, RODATA, TEXT, places);
		self = RODATA + places->addresses;
	}
	for (pass = 0; pass < 5000; pass++)
		kit_put(image, (uint64_t)pass * 40503u >> 4, 1);
}

static void setup(void)
{
	syms = calloc(COUNT + 64, sizeof(*syms));
}

static void teardown(void)
{
	free(syms);
}

/* The one trial that a caller who can read the banner would take. */
static const struct kallsyms_trial *choose(const struct kallsyms_trial *t,
					   size_t n)
{
	const struct kallsyms_trial *hit = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (t[i].banner != BANNER || t[i].text != TEXT)
			continue;
		ck_assert_ptr_null(hit);
		hit = &t[i];
	}
	return hit;
}

static bool find(struct kallsyms *k, const struct buf *image)
{
	size_t at = 0;

	return kallsyms_tokens(image->data, image->len, &at) &&
	       kallsyms_find(k, image->data, image->len, RODATA, at);
}

START_TEST(every_layout_is_found)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	struct kit_places places;
	struct kallsyms k;

	make_image((enum kit_layout)_i, &image, &places);
	ck_assert(find(&k, &image));
	ck_assert_uint_eq(k.n, n_syms);
	ck_assert_uint_eq(k.names, places.names);
	ck_assert_uint_eq(k.markers, places.markers);
	ck_assert_uint_eq(k.token_table, places.table);
	ck_assert_uint_eq(k.token_index, places.index);
	ck_assert_uint_eq(k.num_syms, places.num_syms);
}
END_TEST

START_TEST(every_encoding_is_decoded)
{
	_cleanup_(symtab_builder_deinit) struct symtab_builder b = {0};
	_cleanup_(buf_deinit) struct buf image = {0};
	_cleanup_free_ void *blob = NULL;
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	const struct kallsyms_trial *t;
	struct symtab_symbol sym;
	struct kit_places places;
	struct kallsyms k;
	struct symtab s;
	size_t i, len;

	make_image((enum kit_layout)_i, &image, &places);
	ck_assert(find(&k, &image));
	t = choose(trials, kallsyms_trials(&k, trials));
	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(t->table, places.addresses);
	ck_assert_int_eq(kallsyms_decode(&k, t, TEXT, &b, NULL), 0);
	ck_assert_int_eq(symtab_finish(&b, &blob, &len, NULL), 0);
	ck_assert_int_eq(symtab_view(&s, blob, len, NULL), 0);
	ck_assert_uint_eq(s.n, n_syms);
	for (i = 0; i < n_syms; i++) {
		ck_assert(symtab_find(&s, syms[i].name, &sym));
		ck_assert_uint_eq(sym.value + (sym.absolute ? 0 : TEXT),
				  syms[i].address);
		ck_assert_int_eq(sym.absolute, syms[i].address < TEXT);
		ck_assert_int_eq(sym.type, syms[i].type);
	}
	ck_assert(symtab_find(&s, "shrink_slab", &sym));
	ck_assert_uint_eq(sym.value, 63);
}
END_TEST

/* Cut anywhere: found whole, or not at all, and never out of bounds. */
START_TEST(truncation_is_harmless)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	struct kit_places places;
	struct kallsyms k;
	size_t cut, whole;
	uint8_t *copy;

	make_image((enum kit_layout)_i, &image, &places);
	whole = image.len;
	for (cut = 1; cut < 60; cut++) {
		image.len = whole * cut / 60;
		copy = malloc(image.len); /* so that ASan sees the end */
		memcpy(copy, image.data, image.len);
		k.token_table = 0;
		if (kallsyms_tokens(copy, image.len, &k.token_table) &&
		    kallsyms_find(&k, copy, image.len, RODATA, k.token_table))
			kallsyms_trials(&k, trials);
		free(copy);
	}
}
END_TEST

/* The same with the start missing, as in a window that grows downwards. */
START_TEST(a_late_start_is_harmless)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	struct kit_places places;
	struct kallsyms k;
	size_t cut, at, from;
	bool found = false;

	make_image((enum kit_layout)_i, &image, &places);
	for (cut = 200; cut > 0; cut--) {
		from = (image.len * (cut - 1) / 200) & ~(size_t)7;
		at = 0;
		if (!kallsyms_tokens(image.data + from, image.len - from, &at))
			continue;
		ck_assert_uint_eq(from + at, places.table);
		found = kallsyms_find(&k, image.data + from, image.len - from,
				      RODATA + from, at) &&
			choose(trials, kallsyms_trials(&k, trials));
		ck_assert(!found || from <= places.num_syms);
	}
	ck_assert(found);
}
END_TEST

/* One byte of the tables changed: refused, or decoded without harm. */
START_TEST(damage_is_harmless)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	struct kit_places places;
	struct kallsyms k;
	unsigned int seed = 1, i, j;
	size_t at, n, end;
	char old;

	make_image((enum kit_layout)_i, &image, &places);
	end = places.index + 512;
	for (i = 0; i < 300; i++) {
		struct symtab_builder b = {0};

		seed = seed * 1103515245 + 12345;
		at = places.num_syms + (seed >> 8) % (end - places.num_syms);
		old = image.data[at];
		image.data[at] = (char)(seed >> 3);
		if (find(&k, &image)) {
			n = kallsyms_trials(&k, trials);
			for (j = 0; j < n; j++)
				kallsyms_decode(&k, &trials[j], TEXT, &b, NULL);
		}
		symtab_builder_deinit(&b);
		image.data[at] = old;
	}
}
END_TEST

static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";

/* So many places that begin like a token table, in front of a true one. */
static bool found_behind(unsigned int decoys)
{
	_cleanup_(buf_deinit) struct buf image = {0}, tables = {0};
	struct kit_places places;
	unsigned int i, k;
	size_t at = 0;

	for (i = 0; i < decoys; i++) {
		for (k = 0; k < 48; k++)
			buf_add(&image, "a", 2);
		buf_add(&image, digits, sizeof(digits));
	}
	make_image(KIT_4_20, &tables, &places);
	buf_add(&image, tables.data, tables.len);
	return kallsyms_tokens(image.data, image.len, &at);
}

START_TEST(the_search_for_tokens_gives_up)
{
	ck_assert(found_behind(500));
	ck_assert(!found_behind(5000));
}
END_TEST

/* A token table and its index are sound, but one token is too long. */
static bool found_with_token(size_t len)
{
	_cleanup_(buf_deinit) struct buf tokens = {0}, index = {0};
	size_t at = 0, k;
	char letter;
	int i;

	for (i = 0; i < 256; i++) {
		kit_put(&index, tokens.len, 2);
		letter = (char)(i ? i : 'x');
		for (k = 0; k < (i == 200 ? len : 1); k++)
			buf_add(&tokens, &letter, 1);
		buf_add(&tokens, "", 1);
	}
	kit_align(&tokens, 0, 8);
	buf_add(&tokens, index.data, index.len);
	return kallsyms_tokens(tokens.data, tokens.len, &at) && !at;
}

START_TEST(overlong_tokens_are_refused)
{
	ck_assert(found_with_token(1));
	ck_assert(found_with_token(500));
	ck_assert(!found_with_token(600));
	ck_assert(!found_with_token(60000));
}
END_TEST

/* A table at the wrong alignment decodes to ascending nonsense (7.0). */
START_TEST(the_own_address_is_checked)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	struct kit_places places;
	struct kallsyms k;
	size_t i, n;

	make_image(KIT_7_0, &image, &places);
	ck_assert(find(&k, &image));
	ck_assert_uint_ne(k.offsets, KALLSYMS_NONE);
	n = kallsyms_trials(&k, trials);
	for (i = 0; i < n; i++)
		if (trials[i].table > k.token_index)
			ck_assert_uint_eq(trials[i].table, places.addresses);
}
END_TEST

/* Bytes that look like the start of a table everywhere: it is one pass. */
START_TEST(near_tables_take_no_time)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	size_t at = 0;
	unsigned int i;

	while (image.len < 16u << 20) {
		for (i = 0; i < 512; i++)
			buf_add(&image, "A", 1);
		buf_add(&image, "", 1);
		for (i = 0; i < 47; i++)
			buf_add(&image, "B", 2);
		for (i = 0; i < 10; i++)
			buf_add(&image, (const char[]){(char)('0' + i), 0}, 2);
	}
	/* Check charges what takes longer than a test may. */
	ck_assert(!kallsyms_tokens(image.data, image.len, &at));
}
END_TEST

/* What comes before token 0 may run into it: the index tells where it starts */
START_TEST(the_index_tells_the_start)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	struct kit_places places;
	size_t at = 0;

	make_image(KIT_6_4, &image, &places);
	memset(image.data + places.table - 8, 'x', 8);
	ck_assert(kallsyms_tokens(image.data, image.len, &at));
	ck_assert_uint_eq(at, places.table);
	at = places.table + 1;
	ck_assert(!kallsyms_tokens(image.data, image.len, &at));
}
END_TEST

START_TEST(a_kernel_without_variables_has_no_trials)
{
	_cleanup_(buf_deinit) struct buf image = {0};
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	struct kit_places places;
	struct kallsyms k;

	make_symbols(KIT_4_20, 0);
	kit_kallsyms(&image, KIT_4_20, syms, n_syms - 2, RODATA, TEXT, &places);
	ck_assert(find(&k, &image));
	ck_assert_uint_eq(k.banner, KALLSYMS_NONE);
	ck_assert_uint_eq(kallsyms_trials(&k, trials), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kallsyms");
	TCase *t = tcase_create("kallsyms");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_layout_is_found, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, every_encoding_is_decoded, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, truncation_is_harmless, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, a_late_start_is_harmless, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, damage_is_harmless, 0, KIT_LAYOUTS);
	tcase_add_test(t, the_search_for_tokens_gives_up);
	tcase_add_test(t, overlong_tokens_are_refused);
	tcase_add_test(t, the_own_address_is_checked);
	tcase_add_test(t, near_tables_take_no_time);
	tcase_add_test(t, the_index_tells_the_start);
	tcase_add_test(t, a_kernel_without_variables_has_no_trials);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
