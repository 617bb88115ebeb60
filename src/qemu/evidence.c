/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a process and a guest are compared: pages in use, by lot. */
#include "qemu/evidence.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#define PIECE EVIDENCE_PIECE

/*
 * So many spans of pages of a range are asked about, at most; from each that
 * has some comes one place, until there are enough to choose from.
 */
#define DRAWS	   256u
#define CANDIDATES 32u

/* The same for a process that was proven before. */
#define DRAWS_AGAIN 16u

/* So many of them, of all ranges together, that are not all zeros if any are.
 */
#define PICKS 12u

/* In a page, but at neither end: no two adjoin, each is a request of its own.
 */
#define PLACES (PAGE_SIZE_4K / PIECE - 2)

/*
 * vCPUs the root of whose page tables is compared, all of it: no two guests
 * that have run a process have the same.  Where the lots found little, which
 * is so in a large guest that uses little of its RAM, tables below the root
 * are compared, too.
 */
#define DESCENTS 4u
#define ROOTS	 (EVIDENCE_WAYS / DESCENTS)
#define FEW	 (PICKS / 2)
#define DEPTH	 3u

/* Numbers that nobody can foretell, drawn some at a time. */
struct lots {
	uint64_t v[32]; /* 256 bytes: getrandom(2) gives all of them or none */
	size_t left;
};

struct chooser {
	struct qemu_process *process;
	const struct machine *machine;
	struct evidence *evidence;
	struct lots lots;
	size_t telling; /* places by lot that are not all zeros */
};

void evidence_deinit(struct evidence *e)
{
	vec_deinit(&e->at);
}

bool evidence_is_zero(const uint8_t *bytes, size_t len)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, len - 1);
}

static int evidence_lot(struct lots *l, uint64_t *lot, struct err *err)
{
	if (!l->left) {
		if (getrandom(l->v, sizeof(l->v), 0) != sizeof(l->v))
			return err_sys(err, ERR_REFUSED, "getrandom");
		l->left = sizeof(l->v) / sizeof(*l->v);
	}
	*lot = l->v[--l->left];
	return 0;
}

/* One piece of a page is evidence, two are no more. */
static bool evidence_has_page(const struct chooser *c, uint64_t pa)
{
	const struct evidence *e = c->evidence;
	size_t i;

	for (i = 0; i < e->at.n; i++)
		if (e->at.v[i].pa / PAGE_SIZE_4K == pa / PAGE_SIZE_4K)
			return true;
	return false;
}

static int evidence_add(struct chooser *c, const struct evidence_place *place,
			struct err *err)
{
	return vec_push(&c->evidence->at, *place) ? err_nomem(err) : 0;
}

/* Whether the process has that page. */
static int evidence_has(struct chooser *c, uint64_t pa, bool *has,
			struct err *err)
{
	uint64_t hva = 0, pages;
	int ret = qemu_process_pages(c->process, pa, &hva, &pages, err);

	*has = !ret && (pages >> hva / PAGE_SIZE_4K % PRESENT_PAGES & 1);
	return ret;
}

/* A place that is looked at in every run, if the process has the page. */
static int evidence_add_fixed(struct chooser *c, uint64_t pa, size_t len,
			      struct err *err)
{
	bool has = false;
	int ret = evidence_has_page(c, pa) ? 0 : evidence_has(c, pa, &has, err);

	return has ? evidence_add(c, &(struct evidence_place){pa, len, true},
				  err)
		   : ret;
}

/*
 * A piece of one of the pages that the process has in the span around a page
 * by lot; false where it has none there.
 */
static int evidence_draw(struct chooser *c, const struct ram_range *r,
			 uint64_t *pa, bool *found, struct err *err)
{
	uint64_t where = 0, piece = 0, hva, pages;
	unsigned int page, next, i;
	int ret;

	*found = false;
	ret = evidence_lot(&c->lots, &where, err);
	if (!ret)
		ret = evidence_lot(&c->lots, &piece, err);
	if (ret)
		return ret;
	*pa = r->start + where % (r->size / PAGE_SIZE_4K) * PAGE_SIZE_4K;
	ret = qemu_process_pages(c->process, *pa, &hva, &pages, err);
	if (ret || !pages)
		return ret;
	/* The next one that is there, around the span. */
	page = next = hva / PAGE_SIZE_4K % PRESENT_PAGES;
	for (i = 0; i < PRESENT_PAGES && !(pages >> next & 1); i++)
		next = (next + 1) % PRESENT_PAGES;
	*pa = *pa - page * (uint64_t)PAGE_SIZE_4K +
	      next * (uint64_t)PAGE_SIZE_4K + (1 + piece % PLACES) * PIECE;
	/* A span may lie on a border. */
	*found = *pa >= r->start && *pa - r->start < r->size;
	return 0;
}

/* Whether places[n] is on a page that was not chosen before. */
static bool evidence_is_new(const struct chooser *c, const uint64_t *places,
			    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (places[i] / PAGE_SIZE_4K == places[n] / PAGE_SIZE_4K)
			return false;
	return !evidence_has_page(c, places[n]);
}

/* Places of a range to choose from: *n of them. */
static int evidence_draw_some(struct chooser *c, const struct ram_range *r,
			      uint64_t *places, size_t *n, struct err *err)
{
	const bool again = c->evidence->again;
	const unsigned int most = again ? DRAWS_AGAIN : DRAWS;
	const size_t enough = again ? 1 : CANDIDATES;
	unsigned int draws;
	bool found;
	int ret = 0;

	*n = 0;
	for (draws = 0; !ret && draws < most && *n < enough; draws++) {
		ret = evidence_draw(c, r, &places[*n], &found, err);
		if (!ret && found && evidence_is_new(c, places, *n))
			++*n;
	}
	return ret;
}

static int evidence_not_mapped(const struct qemu_process *p, uint64_t pa,
			       struct err *err)
{
	return err_set(err, ERR_REFUSED,
		       "process %ld does not hold this guest's memory: it has "
		       "nothing for physical 0x%" PRIx64,
		       (long)p->bound.pid, pa);
}

/* `want` of the places, those with something in them first. */
static int evidence_choose(struct chooser *c, const uint64_t *places, size_t n,
			   size_t want, struct err *err)
{
	uint8_t bytes[CANDIDATES][PIECE];
	struct mem_read probes[CANDIDATES];
	size_t i, got = 0;
	int ret, zeros;

	if (c->evidence->again)
		return evidence_add(
			c, &(struct evidence_place){*places, PIECE, false},
			err);
	for (i = 0; i < n; i++)
		probes[i] = (struct mem_read){
			.pa = places[i], .dst = bytes[i], .len = PIECE};
	ret = qemu_process_read(c->process, probes, n, err);
	for (i = 0; !ret && i < n; i++)
		if (probes[i].status != MEM_OK)
			ret = evidence_not_mapped(c->process, places[i], err);
	for (zeros = 0; zeros < 2; zeros++)
		for (i = 0; !ret && i < n && got < want; i++) {
			if (evidence_is_zero(bytes[i], PIECE) != zeros)
				continue;
			ret = evidence_add(c,
					   &(struct evidence_place){
						   places[i], PIECE, false},
					   err);
			c->telling += !zeros;
			got++;
		}
	return ret;
}

static int evidence_of_range(struct chooser *c, const struct ram_range *r,
			     size_t want, struct err *err)
{
	uint64_t places[CANDIDATES];
	size_t n;
	int ret;

	ret = evidence_draw_some(c, r, places, &n, err);
	/* What nobody has used cannot be compared without touching it. */
	return ret || !n ? ret : evidence_choose(c, places, n, want, err);
}

/* The page that a vCPU's top table, its first, begins in; 0: it has none. */
static uint64_t evidence_root(const struct chooser *c, const struct vcpu *v)
{
	const struct paging *p = v->arch->paging(v, 0);
	uint64_t root = p ? vcpu_table(v, 0, p) : 0;

	root -= root % PAGE_SIZE_4K;
	return root && machine_is_ram(c->machine, root, PAGE_SIZE_4K) ? root
								      : 0;
}

/* Places that are always looked at, if they are in use. */
static int evidence_fixed(struct chooser *c, struct err *err)
{
	const struct machine *m = c->machine;
	uint64_t root;
	size_t i;
	int ret = 0;

	/* A range that is not in one piece would differ at its end. */
	for (i = 0; !ret && i < m->ram.n; i++)
		ret = evidence_add_fixed(
			c, m->ram.v[i].start + m->ram.v[i].size - PIECE, PIECE,
			err);
	for (i = 0; !ret && i < m->vcpus.n && i < ROOTS; i++) {
		root = evidence_root(c, &m->vcpus.v[i]);
		if (root)
			ret = evidence_add_fixed(c, root, PAGE_SIZE_4K, err);
	}
	return ret;
}

int evidence_pick(struct qemu_process *p, const struct machine *m,
		  struct evidence *e, struct err *err)
{
	struct chooser c = {.process = p, .machine = m, .evidence = e};
	size_t want = 2 * PICKS / (m->ram.n + 1) + 1, i;
	int ret = e->again ? 0 : evidence_fixed(&c, err);

	for (i = 0; !ret && i < m->ram.n; i++)
		ret = evidence_of_range(&c, &m->ram.v[i], want, err);
	e->few = !e->again && c.telling < FEW;
	return ret;
}

/* The vCPU whose tables a way goes through. */
static const struct vcpu *evidence_walker(const struct chooser *c, size_t way)
{
	return &c->machine->vcpus.v[way / DESCENTS];
}

/* The table below an entry, `depth` levels under the root; 0: there is none. */
static uint64_t evidence_below(const struct vcpu *v, unsigned int depth,
			       uint64_t entry)
{
	const struct paging *p = v->arch->paging(v, 0);
	struct paging_entry e = {0};

	if (p && depth + 1 < p->levels && p->family->entry_bytes == 8)
		p->family->decode(p->family, p->levels - depth, entry, &e);
	return e.kind == PAGING_TABLE ? e.pa : 0;
}

/* From a table by lot to one below it, *pa, 0: none; *at has its entry. */
static int evidence_step(struct chooser *c, const struct vcpu *v,
			 unsigned int depth, uint64_t *pa, uint64_t *at,
			 struct err *err)
{
	uint64_t table[PAGE_SIZE_4K / sizeof(uint64_t)] = {0};
	struct mem_read read = {.pa = *pa, .dst = table, .len = sizeof(table)};
	size_t i, k, n = sizeof(table) / sizeof(*table);
	uint64_t lot = 0;
	int ret = evidence_lot(&c->lots, &lot, err);

	if (!ret)
		ret = qemu_process_read(c->process, &read, 1, err);
	*pa = 0;
	if (ret || read.status != MEM_OK)
		return ret;
	for (i = 0; i < n && !*pa; i++) {
		k = (lot + i) % n;
		*pa = evidence_below(v, depth, table[k]);
		*at = read.pa + k * sizeof(*table);
	}
	return ret;
}

/* One level of one way: the piece around the entry that it takes. */
static int evidence_go_down(struct chooser *c, size_t number, struct err *err)
{
	uint64_t *way = &c->evidence->ways[number];
	struct evidence_place place = {.len = PIECE};
	uint64_t next = *way, at = 0;
	bool has = false;
	int ret = 0;

	/* In another mode of paging it may be anything. */
	if (next && machine_is_ram(c->machine, next, PAGE_SIZE_4K))
		ret = evidence_has(c, next, &has, err);
	*way = 0;
	if (ret || !has)
		return ret;
	ret = evidence_step(c, evidence_walker(c, number), c->evidence->depth,
			    &next, &at, err);
	if (ret || !next)
		return ret;
	*way = next;
	place.pa = at / PIECE * PIECE;
	return evidence_add(c, &place, err);
}

/* Out of the roots, all of which were compared. */
static int evidence_start_ways(struct chooser *c, struct err *err)
{
	const struct machine *m = c->machine;
	uint64_t *ways = c->evidence->ways, at;
	const struct vcpu *v;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < EVIDENCE_WAYS && i / DESCENTS < m->vcpus.n;
	     i++) {
		v = evidence_walker(c, i);
		ways[i] = evidence_root(c, v);
		if (ways[i] && evidence_has_page(c, ways[i]))
			ret = evidence_step(c, v, 0, &ways[i], &at, err);
		else
			ways[i] = 0;
	}
	return ret;
}

int evidence_go_on(struct qemu_process *p, const struct machine *m,
		   struct evidence *e, struct err *err)
{
	struct chooser c = {.process = p, .machine = m, .evidence = e};
	size_t i;
	int ret = 0;

	e->from = e->at.n;
	if (!e->few || e->depth == DEPTH)
		return 0;
	if (!e->depth++)
		ret = evidence_start_ways(&c, err);
	for (i = 0; !ret && i < EVIDENCE_WAYS; i++)
		ret = evidence_go_down(&c, i, err);
	return ret;
}
