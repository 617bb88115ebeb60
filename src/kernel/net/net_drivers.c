/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers of network devices have counted in structs of their own. */
#include "kernel/net/net_drivers.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/code/module_types.h"
#include "kernel/limits.h"
#include "kernel/net/net_parts.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_DEV_QUEUES = WANTS_OF(READER_NET_DRIVERS),
	FIELD_DEV_SHARES,
	FIELD_DEV_KIND,
	FIELD_DEV_PRIV,
	STRUCT_DEV
};

static const struct want want_table[] = {
	FIELD(DEV_QUEUES, "net_device", OPTIONAL, "num_rx_queues"),
	FIELD(DEV_SHARES, "net_device", OPTIONAL, "lstats"),
	FIELD(DEV_KIND, "net_device", OPTIONAL, "pcpu_stat_type"), /* 6.7 */
	FIELD(DEV_PRIV, "net_device", OPTIONAL, "priv"),	   /* 6.10 */
	STRUCT(DEV, "net_device", OPTIONAL),
};

const struct wants net_drivers_wants = {.reader = "private structs of drivers",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* Devices of one driver; behind them those at their other ends. */
struct driver_work {
	struct net_counts *counts;
	const struct net_driver *driver;
	struct net_device *devices;
	size_t *index; /* of each device */
	size_t n;
	const char *module; /* of the function that counts; NULL: the image */
	const struct wanted_value *types; /* NULL: the kernel's */
	uint64_t *addrs, *privs;	  /* 2 * n */
	struct records dev, priv;
};

struct drivers_work {
	struct driver_work of[NET_DRIVERS];
	struct module_types types[NET_DRIVERS]; /* of those in modules */
	size_t n_types;
};

static void drivers_work_deinit(struct drivers_work *w)
{
	size_t i;

	for (i = 0; i < NET_DRIVERS; i++) {
		free(w->of[i].index);
		free(w->of[i].addrs);
		records_deinit(&w->of[i].dev);
		records_deinit(&w->of[i].priv);
	}
	module_types_deinit(w->types, w->n_types);
}

/* Those that it counts, all in the same module as the first. */
static int driver_group(struct driver_work *w, struct net_devices *devices,
			const struct symbol *names)
{
	size_t i, n = devices->v.n;

	w->devices = devices->v.v;
	w->index = calloc(n + 1, sizeof(*w->index));
	if (!w->index)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		if (!w->devices[i].counted || !names[i].name ||
		    names[i].offset ||
		    strcmp(names[i].name, w->driver->function) != 0)
			continue;
		if (!w->n)
			w->module = names[i].module;
		if (names[i].module == w->module)
			w->index[w->n++] = i;
		else
			w->devices[i].counted = false;
	}
	w->addrs = calloc(4 * w->n + 1, sizeof(*w->addrs));
	w->privs = w->addrs + 2 * w->n;
	for (i = 0; i < w->n && w->addrs; i++)
		w->addrs[i] = w->devices[w->index[i]].addr;
	return w->addrs ? 0 : ERR_NOMEM;
}

static int drivers_read_types(struct drivers_work *w, struct symbols *symbols,
			      struct err *err)
{
	size_t at[NET_DRIVERS], i;
	int rc;

	for (i = 0; i < NET_DRIVERS; i++) {
		size_t number = symbols_module(symbols, w->of[i].module);

		at[i] = NET_DRIVERS;
		if (!w->of[i].n || !w->of[i].module ||
		    number == symbols->modules.list.n)
			continue;
		at[i] = w->n_types;
		w->types[w->n_types++] = (struct module_types){
			.module = number, .reader = READER_NET_PARTS};
	}
	rc = module_types_read(symbols->k, &symbols->modules, w->types,
			       w->n_types, err);
	for (i = 0; i < NET_DRIVERS && !rc; i++)
		if (at[i] < NET_DRIVERS)
			w->of[i].types = w->types[at[i]].values.v;
	return rc;
}

static const struct profile_field *driver_field(const struct driver_work *w,
						uint32_t id)
{
	return records_field(w->counts->k, w->types, id);
}

/* Where a private struct is (netdev_priv(), include/linux/netdevice.h). */
static uint64_t driver_priv(const struct driver_work *w, uint64_t dev)
{
	const struct profile *p = w->counts->k->profile;
	const struct profile_field *priv = profile_field(p, FIELD_DEV_PRIV);
	uint64_t size = profile_sizeof(p, STRUCT_DEV);

	if (!dev)
		return 0;
	return dev + (priv->present ? priv->offset : (size + 31) & ~31ULL);
}

/* Whether this kernel's types tell all that is needed. */
static bool driver_known(const struct driver_work *w)
{
	const struct profile *p = w->counts->k->profile;
	bool known = (!w->module || w->types) &&
		     (profile_field(p, FIELD_DEV_PRIV)->present ||
		      profile_sizeof(p, STRUCT_DEV)) &&
		     profile_field(p, FIELD_DEV_QUEUES)->present &&
		     profile_field(p, FIELD_DEV_SHARES)->present;
	size_t i, j;

	for (i = 0; i < w->driver->n_own; i++)
		known &= driver_field(w, w->driver->own[i])->present;
	for (i = 0; i < w->driver->n_parts; i++) {
		const struct net_driver_part *part = &w->driver->parts[i];

		if (part->kind == PART_QUEUES)
			known &= driver_field(w, part->size)->present;
		for (j = 0; j < part->n_counts; j++) {
			const struct profile_field *f =
				driver_field(w, part->v[j].field);

			known &= f->present ? f->size == 8 || f->size == 4
					    : part->v[j].optional;
		}
	}
	return known;
}

/* Private structs of the first n, among them what leads to the others. */
static int driver_read_privs(struct driver_work *w, size_t n, struct err *err)
{
	const struct records_want want = {w->privs, n, w->driver->own,
					  w->driver->n_own};
	size_t i;

	records_deinit(&w->priv);
	for (i = 0; i < n; i++)
		w->privs[i] = driver_priv(w, w->addrs[i]);
	return records_read_typed(w->counts->k, w->types, &want, 1, &w->priv,
				  err);
}

static int driver_read(struct driver_work *w, struct err *err)
{
	static const uint32_t dev[] = {FIELD_DEV_QUEUES, FIELD_DEV_SHARES,
				       FIELD_DEV_KIND};
	size_t i, n = w->n;
	int rc = 0;

	if (w->driver->peer != WANTS_NONE) {
		rc = driver_read_privs(w, n, err);
		for (i = 0; i < n && !rc; i++)
			w->addrs[n + i] =
				records_u64(&w->priv, i, w->driver->peer);
		n *= 2;
	}
	if (!rc)
		rc = records_read(w->counts->k, w->addrs, n, dev, WANTS_N(dev),
				  &w->dev, err);
	return rc ? rc : driver_read_privs(w, n, err);
}

/* Add counters of the struct at `base`. */
static int driver_add_struct(struct driver_work *w,
			     const struct net_driver_part *part, size_t i,
			     uint64_t base, struct err *err)
{
	bool peer = i >= w->n;
	size_t j;
	int rc = 0;

	for (j = 0; j < part->n_counts && !rc; j++) {
		const struct net_driver_count *c = &part->v[j];
		const struct profile_field *f = driver_field(w, c->field);
		struct net_count count = {.device = w->index[i % w->n],
					  .to = peer ? c->peer : c->to,
					  .at = base + f->offset,
					  .size = f->size,
					  .cpus = part->kind == PART_CPUS};

		if (f->present && count.to != NET_STATS)
			rc = net_counts_add(w->counts, count, err);
	}
	return rc;
}

static int driver_add_part(struct driver_work *w,
			   const struct net_driver_part *part, size_t i,
			   struct err *err)
{
	uint64_t base = part->kind == PART_SELF
				? w->privs[i]
				: records_u64(&w->priv, i, part->base);
	uint64_t n = 1, size = 0, j;
	int rc = 0;

	if (part->kind == PART_QUEUES) {
		n = part->n == WANTS_NONE
			    ? records_u64(&w->dev, i, FIELD_DEV_QUEUES)
			    : records_u64(&w->priv, i, part->n);
		size = driver_field(w, part->size)->size;
	}
	if (!base || n > NET_QUEUES_MAX ||
	    w->counts->v.n + n * part->n_counts > NET_QUEUE_COUNTS_MAX) {
		w->devices[w->index[i % w->n]].counted = false;
		return 0;
	}
	for (j = 0; j < n && !rc; j++)
		rc = driver_add_struct(w, part, i, base + j * size, err);
	return rc;
}

/* Of veth's, what CPUs have: pcpu_lstats, or as the device says. */
static int driver_add_shares(struct driver_work *w, size_t i, struct err *err)
{
	const struct kernel *k = w->counts->k;
	struct net_device *d = &w->devices[w->index[i % w->n]];
	uint64_t base = records_u64(&w->dev, i, FIELD_DEV_SHARES);
	enum net_share share = SHARE_SENT;

	if (records_have(&w->dev, FIELD_DEV_KIND))
		share = net_share_of(k,
				     records_u64(&w->dev, i, FIELD_DEV_KIND));
	if (share == SHARE_LOOP)
		share = SHARE_SENT;
	if (!base || (share != SHARE_SENT && share != SHARE_TSTATS)) {
		d->counted = false;
		return 0;
	}
	return net_counts_add_shares(w->counts, w->index[i % w->n], base, share,
				     i >= w->n, err);
}

/* Object i: a device, or one at its other end. */
static int driver_add(struct driver_work *w, size_t i, struct err *err)
{
	size_t j;
	int rc = 0;

	if (!w->dev.ok[i] || !w->priv.ok[i]) {
		w->devices[w->index[i % w->n]].counted = false;
		return 0;
	}
	for (j = 0; j < w->driver->n_parts && !rc; j++)
		rc = driver_add_part(w, &w->driver->parts[j], i, err);
	if (!rc && w->driver->peer != WANTS_NONE)
		rc = driver_add_shares(w, i, err);
	return rc;
}

static int driver_add_all(struct driver_work *w, struct err *err)
{
	size_t i;
	int rc;

	if (!driver_known(w)) {
		for (i = 0; i < w->n; i++)
			w->devices[w->index[i]].counted = false;
		return 0;
	}
	rc = driver_read(w, err);
	for (i = 0; i < w->dev.n && !rc; i++)
		if (i < w->n || w->addrs[i])
			rc = driver_add(w, i, err);
	return rc;
}

int net_drivers_add(struct net_counts *c, struct net_devices *devices,
		    const struct symbol *names, struct err *err)
{
	_cleanup_(drivers_work_deinit) struct drivers_work w = {0};
	size_t i, some = 0;
	int rc = 0;

	for (i = 0; i < NET_DRIVERS && !rc; i++) {
		w.of[i].counts = c;
		w.of[i].driver = &net_drivers[i];
		if (driver_group(&w.of[i], devices, names))
			rc = err_nomem(err);
		some += w.of[i].n;
	}
	if (!rc && some)
		rc = drivers_read_types(&w, &devices->symbols, err);
	for (i = 0; i < NET_DRIVERS && !rc; i++)
		if (w.of[i].n)
			rc = driver_add_all(&w.of[i], err);
	return rc;
}
