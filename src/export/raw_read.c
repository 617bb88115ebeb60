/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what a portrait is made of, while the guest stands still. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "export/raw.h"
#include "profile/identity.h"
#include "profile/image.h"

/* Lists that are followed in step, behind those of generated code. */
#define LIST_MODULES	 GENERATORS
#define LIST_BTF_MODULES (GENERATORS + 1)
#define LISTS		 (GENERATORS + 2)

#define NOTES_MAX	 4096u		/* .notes of a kernel: some 500 bytes */
#define TEXT_MAX	 (128ULL << 20) /* of modules, in all */

static const char *const list_names[LISTS] = {
	[GENERATED_FTRACE] = "ftrace trampolines",
	[GENERATED_BPF] = "BPF programs",
	[GENERATED_KPROBES] = "kprobe pages",
	[GENERATED_OPTPROBES] = "pages of optimised kprobes",
	[LIST_MODULES] = "modules",
	[LIST_BTF_MODULES] = "types of modules",
};

/* Where the lists that are wanted are. */
static void place_lists(struct portrait *p, struct list lists[LISTS])
{
	struct portrait_raw *raw = p->raw;
	bool known[LISTS];
	size_t i;

	for (i = 0; i < LISTS; i++)
		known[i] = true;
	known[LIST_MODULES] = modules_list(raw->k, &lists[LIST_MODULES]);
	if (raw->wants & PORTRAIT_SYMBOLS)
		generated_lists(raw->k, lists, known);
	if (raw->wants & PORTRAIT_TYPES)
		known[LIST_BTF_MODULES] =
			btf_modules_list(raw->k, &lists[LIST_BTF_MODULES]);
	for (i = 0; i < LISTS; i++)
		if (!known[i])
			remarks_add(&p->remarks,
				    "%s are left out, which this kernel keeps "
				    "%s",
				    list_names[i],
				    profile_keeps(raw->k->profile));
}

/* A name to be shown in brackets, and to be part of a file's. */
static void take_name(const char *from, struct portrait_owner *o,
		      struct remarks *remarks)
{
	bool odd = !*from;
	size_t i;

	for (i = 0; from[i] && i + 1 < sizeof(o->name); i++) {
		unsigned char c = (unsigned char)from[i];
		bool ok = isascii(c) && (isalnum(c) || strchr("_-.", c));

		o->name[i] = (char)(ok ? c : '?');
		odd |= !ok;
	}
	if (odd)
		remarks_add(remarks,
			    "a module's name, '%s', is one that no module has",
			    o->name);
}

static int add_modules(struct portrait *p)
{
	size_t i;

	for (i = 0; i < p->raw->modules.list.n; i++) {
		const struct module *m = &p->raw->modules.list.v[i];
		struct portrait_owner o = {.text = m->text,
					   .text_size = m->text_size};

		take_name(m->name, &o, &p->remarks);
		if (vec_push(&p->owners, o))
			return ERR_NOMEM;
		p->n_modules++;
	}
	return 0;
}

int raw_read_owners(struct portrait *p, struct err *err)
{
	struct portrait_raw *raw = p->raw;
	struct list lists[LISTS] = {0};
	size_t i;
	int rc;

	place_lists(p, lists);
	rc = lists_read(raw->k, lists, LISTS, err);
	if (!rc)
		rc = modules_read(raw->k, &lists[LIST_MODULES], &raw->modules,
				  &p->remarks, err);
	if (!rc)
		rc = generated_read(raw->k, lists, &raw->generated, &p->remarks,
				    err);
	if (!rc && add_modules(p))
		rc = err_nomem(err);
	if (!rc)
		rc = btf_modules_read(raw->k, &lists[LIST_BTF_MODULES],
				      &raw->modules, &raw->btf, &p->remarks,
				      err);
	for (i = 0; i < LISTS; i++)
		list_deinit(&lists[i]);
	return rc;
}

int raw_read_symbols(struct portrait *p, struct err *err)
{
	struct portrait_raw *raw = p->raw;
	size_t n = raw->modules.list.n, i;
	_cleanup_free_ struct module_symbols_want *wants =
		calloc(n + 1, sizeof(*wants));
	uint64_t room = MODULE_SYMBOLS_ROOM;
	int rc;

	if (!(raw->wants & PORTRAIT_SYMBOLS))
		return 0;
	raw->tables = calloc(n + 1, sizeof(*raw->tables));
	raw->letters = calloc(n + 1, sizeof(*raw->letters));
	if (!wants || !raw->tables || !raw->letters)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		wants[i] = (struct module_symbols_want){&raw->modules.list.v[i],
							&raw->tables[i]};
	rc = module_symbols_read(raw->k, wants, n, &room, &p->remarks, err);
	return rc ? rc
		  : module_letters_read(raw->k, &raw->modules, raw->tables,
					raw->letters, &p->remarks, err);
}

/* Where code is: of the image, without what is freed after boot. */
static int place_text(struct portrait *p)
{
	uint64_t end, room = TEXT_MAX;
	uint32_t i;

	if (profile_symbol(p->raw->k->profile, "_etext", &end) &&
	    end > p->start && end - p->start <= IMAGE_MAX &&
	    vec_push(&p->text, {.owner = PORTRAIT_IMAGE,
				.va = p->start,
				.len = end - p->start}))
		return ERR_NOMEM;
	for (i = 0; i < p->n_modules; i++) {
		const struct portrait_owner *o = &p->owners.v[i];

		if (!o->text_size || o->text_size > room)
			continue;
		room -= o->text_size;
		if (vec_push(&p->text, {.owner = i + 1,
					.va = o->text,
					.len = o->text_size}))
			return ERR_NOMEM;
	}
	return 0;
}

/* n pieces of code, and the notes behind them. */
static void keep_bytes(struct portrait *p, const struct space_read *reads,
		       size_t n)
{
	const struct space_read *notes = &reads[n];
	struct image_span note, id;
	size_t i;

	for (i = 0; i < n; i++) {
		struct portrait_text *t = &p->text.v[i];

		if (reads[i].got == reads[i].len)
			continue;
		remarks_add(&p->remarks,
			    "code at 0x%" PRIx64 " cannot be read: that of %s "
			    "is left out",
			    t->va + reads[i].got,
			    t->owner ? p->owners.v[t->owner - 1].name
				     : "the kernel");
		free(t->bytes);
		t->bytes = NULL;
	}
	if (notes->got < notes->len)
		remarks_add(&p->remarks,
			    "the kernel's build id cannot be read");
	else if (identity_build_id(notes->dst, notes->len, &note, &id) &&
		 id.len <= sizeof(p->build_id)) {
		memcpy(p->build_id, (uint8_t *)notes->dst + id.offset, id.len);
		p->build_id_len = id.len;
	}
}

int raw_read_bytes(struct portrait *p, struct err *err)
{
	_cleanup_free_ struct space_read *reads = NULL;
	struct kernel *k = p->raw->k;
	uint8_t notes[NOTES_MAX];
	uint64_t start, stop;
	size_t i, n;
	int rc;

	if (place_text(p))
		return err_nomem(err);
	n = p->raw->wants & PORTRAIT_TEXT ? p->text.n : 0;
	reads = calloc(n + 1, sizeof(*reads));
	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		struct portrait_text *t = &p->text.v[i];

		t->bytes = malloc(t->len);
		if (!t->bytes)
			return err_nomem(err);
		reads[i] = (struct space_read){.root = &k->root,
					       .va = t->va,
					       .dst = t->bytes,
					       .len = t->len};
	}
	reads[n] = (struct space_read){.root = &k->root, .dst = notes};
	if (profile_symbol(k->profile, "__start_notes", &start) &&
	    profile_symbol(k->profile, "__stop_notes", &stop) &&
	    stop - start <= sizeof(notes)) {
		reads[n].va = start;
		reads[n].len = stop - start;
	}
	rc = space_read(k->machine, reads, n + 1, err);
	if (!rc)
		keep_bytes(p, reads, n);
	return rc;
}
