/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows the forms of an address, each with the rule that leads to it. */
#include "cli/convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/out_symbol.h"

enum {
	ADDRESS,
	PID,
	COMM,
	SYMBOL,
	VIRTUAL,
	PHYSICAL,
	PFN,
	PAGE,
	DIRECT,
	IMAGE,
	BLOCK,
	BLOCK_OFFSET,
	HOST,
	DESCRIBES,
	FROM,
	FORMS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "Address", ROW_WORDS),
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	[SYMBOL] = ROW_COLUMN("symbol", "Symbol", ROW_GUEST),
	[VIRTUAL] = ROW_COLUMN("virtual", NULL, ROW_HEX),
	[PHYSICAL] = ROW_COLUMN("physical", NULL, ROW_HEX),
	[PFN] = ROW_COLUMN("pfn", NULL, ROW_HEX),
	[PAGE] = ROW_COLUMN("page", NULL, ROW_HEX),
	[DIRECT] = ROW_COLUMN("direct", NULL, ROW_HEX),
	[IMAGE] = ROW_COLUMN("image", NULL, ROW_HEX),
	[BLOCK] = ROW_COLUMN("block", NULL, ROW_WORDS),
	[BLOCK_OFFSET] = ROW_COLUMN("block_offset", NULL, ROW_HEX),
	[HOST] = ROW_COLUMN("host", NULL, ROW_HEX),
	[DESCRIBES] = ROW_COLUMN("describes", NULL, ROW_HEX),
	[FROM] = ROW_COLUMN("from", NULL, ROW_WORDS),
	[FORMS] = ROW_COLUMN("forms", "", ROW_TABLE),
};

enum {
	FORM,
	VALUE,
	RULE
};

static const struct row_column form_columns[] = {
	[FORM] = ROW_COLUMN("form", "FORM", ROW_WORDS),
	[VALUE] = ROW_COLUMN("value", "VALUE", ROW_HEX),
	[RULE] = ROW_COLUMN("rule", "RULE", ROW_WORDS),
};

/* Where the rows of one item go. */
struct sheet {
	struct row_table *top, *forms;
	const struct kernel *k; /* NULL: none was found */
};

/* A form that there is, in both tables. */
static void tell(struct sheet *sh, const char *form, size_t column,
		 uint64_t value)
{
	row_number(sh->top, column, value);
	row_add(sh->forms);
	row_string(sh->forms, FORM, form);
	row_number(sh->forms, VALUE, value);
}

/* One that there is not, and why. */
static void tell_none(struct sheet *sh, const char *form, const char *why)
{
	row_add(sh->forms);
	row_string(sh->forms, FORM, form);
	row_string(sh->forms, RULE, why);
}

static void tell_virtual(struct sheet *sh, const struct convert_item *it)
{
	if (it->place.space == ADDR_PHYS) {
		tell_none(sh, "virtual", "no address space was named");
		return;
	}
	tell(sh, "virtual", VIRTUAL, it->place.at);
	if (it->place.space == ADDR_PID)
		row_printf(sh->forms, RULE, "given, of PID %u",
			   it->place.task.pid);
	else if (it->place.space == ADDR_ROOT)
		row_printf(sh->forms, RULE, "given, of %s=0x%" PRIx64,
			   addr_root_name(&it->place.named),
			   it->place.named.value);
	else
		row_string(sh->forms, RULE, "given, of the kernel");
}

/* What the walk ended in, and where its page is all the same, or is not. */
static void unmapped_text(const struct convert_item *it, char *text,
			  size_t size)
{
	size_t n;

	walk_describe(&it->walk, text, size);
	n = strlen(text);
	if (it->unmapped)
		snprintf(text + n, size - n, ", %s", unmapped_words(it->from));
}

static void tell_physical(struct sheet *sh, const struct convert_item *it)
{
	const struct walk *w = &it->walk;
	const struct walk_level *l;
	char text[256];

	if (it->unmapped || !it->has_pa)
		unmapped_text(it, text, sizeof(text));
	if (it->unmapped)
		row_string(sh->top, FROM, unmapped_name(it->from));
	if (!it->has_pa) {
		tell_none(sh, "physical", text);
		return;
	}
	tell(sh, "physical", PHYSICAL, it->pa);
	if (it->place.space == ADDR_PHYS) {
		row_string(sh->forms, RULE,
			   it->addr.in_frames ? "given, as a frame" : "given");
	} else if (it->unmapped) {
		row_string(sh->forms, RULE, text);
	} else {
		l = &w->level[w->n - 1];
		row_printf(sh->forms, RULE,
			   "%s[%u] = 0x%" PRIx64 ", and 0x%" PRIx64
			   " into its page",
			   paging_level_name(w->root->paging, l->level),
			   l->index, l->entry, walk_in_page(w));
	}
	tell(sh, "pfn", PFN, it->pa / PAGE_SIZE_4K);
	row_printf(sh->forms, RULE, "physical / %u", PAGE_SIZE_4K);
}

/* An alias that the rule `why` leads to, or what is there in its place. */
static void tell_alias(struct sheet *sh, const char *form, size_t column,
		       const struct alias *a, const char *why)
{
	char text[200];

	if (a->state == ALIAS_THERE) {
		tell(sh, form, column, a->at);
		row_string(sh->forms, RULE, why);
		return;
	}
	snprintf(text, sizeof(text), "0x%" PRIx64 " (%s) %s", a->at, why,
		 a->state == ALIAS_OTHER ? "is another frame's"
					 : "is not mapped");
	tell_none(sh, form, text);
}

static void tell_kernel(struct sheet *sh, const struct convert_item *it)
{
	const struct aliases *a = &it->aliases;
	const struct kernel *k = sh->k;
	char why[100];

	snprintf(why, sizeof(why), "vmemmap 0x%" PRIx64 " + pfn * %u",
		 k->vmemmap_base, alias_page_size(k));
	if (a->page.state == ALIAS_NONE)
		tell_none(sh, "struct page",
			  alias_page_size(k) ? "no frame has that number"
					     : "the kernel's types do not tell "
					       "its size");
	else
		tell_alias(sh, "struct page", PAGE, &a->page, why);
	snprintf(why, sizeof(why), "direct map 0x%" PRIx64 " + physical",
		 k->page_offset);
	if (a->direct.state == ALIAS_NONE)
		tell_none(sh, "direct map", "it does not reach that far");
	else
		tell_alias(sh, "direct map", DIRECT, &a->direct, why);
	snprintf(why, sizeof(why),
		 "_text 0x%" PRIx64 " + (physical - 0x%" PRIx64 ")", k->text,
		 k->phys_text);
	if (a->image.state == ALIAS_NONE)
		tell_none(sh, "kernel image", "outside of it");
	else
		tell_alias(sh, "kernel image", IMAGE, &a->image, why);
}

static void tell_host(struct sheet *sh, const struct convert_item *it)
{
	const struct ram_range *r = &it->ram;

	if (!it->is_ram) {
		tell_none(sh, "RAM block", "not RAM");
		tell_none(sh, "host virtual", "not RAM");
		return;
	}
	row_string(sh->top, BLOCK, r->name);
	tell(sh, "RAM block", BLOCK_OFFSET, it->pa - r->start + r->offset);
	row_printf(sh->forms, RULE,
		   "in %s, whose 0x%" PRIx64 " is physical 0x%" PRIx64, r->name,
		   r->offset, r->start);
	if (!it->hva) {
		tell_none(sh, "host virtual", "QEMU's monitor does not tell");
		return;
	}
	tell(sh, "host virtual", HOST, it->hva);
	row_string(sh->forms, RULE, "in QEMU, by its monitor (gpa2hva)");
}

static void tell_page(struct sheet *sh, const struct convert_item *it)
{
	if (!it->is_page)
		return;
	tell(sh, "describes pfn", DESCRIBES, it->pfn);
	row_printf(sh->forms, RULE,
		   "%u bytes into the struct page at 0x%" PRIx64, it->in,
		   it->place.at - it->in);
}

void convert_begin(struct out *out)
{
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
}

void convert_show_item(struct out *out, const struct kernel *k,
		       const struct convert_item *it)
{
	struct sheet sh = {.top = &out->rows.top, .k = k};
	char label[64];

	row_add(sh.top);
	place_label(&it->place, it->place.at, label, sizeof(label));
	row_string(sh.top, ADDRESS, label);
	if (it->place.space == ADDR_PID) {
		row_number(sh.top, PID, it->place.task.pid);
		row_string(sh.top, COMM, it->place.task.comm);
	}
	out_symbol(sh.top, SYMBOL, &it->symbol);
	sh.forms = row_subtable(sh.top, FORMS, form_columns, 3);
	tell_virtual(&sh, it);
	tell_physical(&sh, it);
	if (!it->has_pa)
		return;
	if (k)
		tell_kernel(&sh, it);
	tell_host(&sh, it);
	tell_page(&sh, it);
}
