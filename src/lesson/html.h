/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of HTML, complete in themselves, by src/lesson/html/. */
#ifndef LESSON_HTML_H
#define LESSON_HTML_H

#include <stdio.h>

#include "base/buf.h"

enum html_page {
	HTML_WALK,
	HTML_LAYOUT
};

/*
 * Write one of them, with the JSON that it draws.  Whether all was written is
 * the stream's word.
 */
void html_write(enum html_page page, const struct buf *json, FILE *out);

#endif
