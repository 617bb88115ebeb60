/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes BTF blobs, type by type. */
#ifndef TESTS_BTF_KIT_H
#define TESTS_BTF_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Zero-initialise; kit_btf_blob() finishes it. */
struct btf_kit {
	struct buf types, strings, layout;
	uint32_t n; /* id of the last type */
	/* Of types that are split from others: the length of those's strings;
	 * n begins with their last id */
	uint32_t first_string;
};

/* The offset of a string, which is added. */
uint32_t kit_btf_string(struct btf_kit *k, const char *s);

/* Add a type record without what follows it; returns its id. */
uint32_t kit_btf_type(struct btf_kit *k, const char *name, uint32_t kind,
		      uint32_t vlen, bool flag, uint32_t size);
uint32_t kit_btf_int(struct btf_kit *k, const char *name, uint32_t size,
		     uint32_t bits);
/* A struct of that size with one member, at 0. */
uint32_t kit_btf_struct(struct btf_kit *k, const char *name, uint32_t size,
			const char *member, uint32_t type);
uint32_t kit_btf_array(struct btf_kit *k, uint32_t elem, uint32_t n);

/* What follows a record: u32 values; a constant, or a parameter with its type.
 */
void kit_btf_u32(struct btf_kit *k, uint32_t value);
void kit_btf_named(struct btf_kit *k, const char *name, uint32_t value);
void kit_btf_member(struct btf_kit *k, const char *name, uint32_t type,
		    uint32_t offset);

/*
 * Append the blob to out; hdr_len 24 or 32 (with the layout section); `pad`
 * bytes of strings in front make it as large as a kernel's.
 */
void kit_btf_blob(struct btf_kit *k, uint32_t hdr_len, size_t pad,
		  struct buf *out);
void kit_btf_deinit(struct btf_kit *k);

/*
 * Types with every member, size and constant of the readers (the first of the
 * alternatives each), but for the one whose "struct.member" is `without`.
 */
void kit_btf_wanted(struct btf_kit *k, const char *without);

#endif
