/* SPDX-License-Identifier: BSD-2-Clause */
/* One stretch of physical memory, into memory that was there before. */
#include "bench.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/populate.h"
#include "guest/number.h"
#include "guest/place_read.h"

#define READ_MOST (256ULL << 20)

struct stretch {
	uint64_t start, len;
	uint8_t *bytes;
	struct place_bytes read;
};

static int stretch_prepare(void *state, char **words, struct err *err)
{
	struct stretch *s = state;
	int rc = number_parse(words[0], "START", UINT64_MAX, &s->start, err);

	if (!rc)
		rc = number_parse_size(words[1], "COUNT", READ_MOST, &s->len,
				       err);
	if (rc)
		return rc;
	s->bytes = populate_alloc_huge(s->len + 1);
	if (!s->bytes)
		return err_nomem(err);
	populate(s->bytes, s->len + 1);
	return 0;
}

static int stretch_look(struct guest *g, void *state, struct err *err)
{
	struct stretch *s = state;
	const struct place place = {.space = ADDR_PHYS, .at = s->start};

	s->read = (struct place_bytes){.dst = s->bytes, .len = s->len};
	return place_read(g, &place, &s->read, err);
}

static int stretch_tell(void *state, struct buf *out, struct err *err)
{
	struct stretch *s = state;

	if (s->read.got < s->len)
		return err_set(err, ERR_UNREADABLE,
			       "%zu of %" PRIu64 " bytes: %.400s", s->read.got,
			       s->len, s->read.why.text);
	buf_take(out, (char *)s->bytes, s->len);
	s->bytes = NULL;
	return 0;
}

static void stretch_deinit(void *state)
{
	struct stretch *s = state;

	free(s->bytes);
}

const struct operation bench_read = {
	.name = "read",
	.words = "START COUNT",
	.n_words = 2,
	.state_size = sizeof(struct stretch),
	.prepare = stretch_prepare,
	.look = stretch_look,
	.tell = stretch_tell,
	.deinit = stretch_deinit,
};
