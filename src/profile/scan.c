/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching bytes of a kernel image for kallsyms, BTF and the banner. */
#include "profile/scan.h"

#include <string.h>

#include "base/cleanup.h"
#include "symbols/kallsyms.h"

/* A kernel's, as far as sizes go: docs/facts/kernel.md, "BTF". */
#define BTF_KERNEL_MIN (64u << 10)
#define BTF_KERNEL_MAX (32u << 20)

static const char banner[] = "Linux version ";
#define BANNER_LEN (sizeof(banner) - 1)

/* The trial that has the banner where linux_banner is, if any. */
static int scan_choose(const struct scan *s,
		       const struct kallsyms_trial *trials, size_t n,
		       const struct kallsyms_trial **chosen, struct err *err)
{
	char text[KALLSYMS_TRIALS][BANNER_LEN];
	struct image_read reads[KALLSYMS_TRIALS];
	const struct kallsyms_trial *from[KALLSYMS_TRIALS];
	size_t i, m = 0;
	int rc;

	*chosen = NULL;
	for (i = 0; i < n; i++) {
		if (trials[i].text != s->text ||
		    trials[i].banner - s->text > SYMTAB_IMAGE_MAX)
			continue;
		from[m] = &trials[i];
		reads[m] = (struct image_read){.offset = trials[i].banner -
							 s->text,
					       .dst = text[m],
					       .len = BANNER_LEN};
		m++;
	}
	rc = m ? s->image.read(s->image.ctx, reads, m, err) : 0;
	if (rc)
		return rc;
	for (i = 0; i < m && !*chosen; i++)
		if (reads[i].ok && !memcmp(text[i], banner, BANNER_LEN))
			*chosen = from[i];
	return 0;
}

/* Where the tables lie, as far as the build fixes their content. */
static void note_places(const struct scan *s, const struct kallsyms *k,
			const struct kallsyms_trial *t, struct landmarks *l)
{
	uint64_t base = s->va - s->text;

	l->num_syms = (struct image_span){base + k->num_syms, 4};
	l->names = (struct image_span){base + k->names, k->names_len};
	l->tokens = (struct image_span){base + k->token_table,
					k->token_index + 512 - k->token_table};
	*(t->encoding == KALLSYMS_ABSOLUTE ? &l->addresses : &l->offsets) =
		(struct image_span){base + t->table, kallsyms_table_len(k, t)};
}

int scan_kallsyms(struct scan *s, size_t token_table, struct parts *p,
		  struct err *err)
{
	_cleanup_(symtab_builder_deinit) struct symtab_builder b = {0};
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	const struct kallsyms_trial *trial;
	struct err why = {0};
	struct kallsyms k;
	bool found;
	int rc;

	found = kallsyms_find(&k, s->at, s->len, s->va, token_table);
	s->steps += KALLSYMS_STEPS - k.steps;
	if (!found)
		return 0;
	if (k.banner == KALLSYMS_NONE)
		return err_helps(
			err,
			err_set(err, ERR_NO_LINUX,
				"kernel's kallsyms lists no variables "
				"(CONFIG_KALLSYMS_ALL is off): give its "
				"System.map or vmlinux"),
			REMEDY_PROFILE, 0);
	rc = scan_choose(s, trials, kallsyms_trials(&k, trials), &trial, err);
	if (rc || !trial)
		return rc;
	rc = kallsyms_decode(&k, trial, s->text, &b, &why);
	if (rc == ERR_CORRUPT)
		return err_helps(
			err,
			err_set(err, ERR_NO_LINUX,
				"kernel's kallsyms makes no sense (%.200s): "
				"give its System.map or vmlinux",
				why.text),
			REMEDY_PROFILE, 0);
	if (rc)
		return err_pass(err, &why);
	rc = parts_take_symbols(p, &b, err);
	if (rc)
		return rc;
	note_places(s, &k, trial, &p->places);
	return 1;
}

bool scan_btf(const void *bytes, size_t len, size_t *at, size_t *size)
{
	static const uint8_t magic[] = {0x9f, 0xeb, 1, 0};
	const uint8_t *b = bytes, *hit;
	size_t pos = *at;

	while (pos < len) {
		hit = memmem(b + pos, len - pos, magic, sizeof(magic));
		if (!hit)
			return false;
		pos = (size_t)(hit - b);
		*size = btf_blob_size(hit, len - pos);
		if (*size >= BTF_KERNEL_MIN && *size <= BTF_KERNEL_MAX) {
			*at = pos;
			return true;
		}
		pos++;
	}
	return false;
}

bool scan_banner(const void *bytes, size_t len, size_t *at)
{
	const uint8_t *b = bytes, *hit;
	size_t pos = *at;

	while (pos < len) {
		hit = memmem(b + pos, len - pos, banner, BANNER_LEN);
		if (!hit)
			return false;
		pos = (size_t)(hit - b);
		if (pos + BANNER_LEN < len && hit[BANNER_LEN] >= '0' &&
		    hit[BANNER_LEN] <= '9') {
			*at = pos;
			return true;
		}
		pos++;
	}
	return false;
}
