/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For files in which memory is stored through two pointers: GCC 12's analyser
 * takes it for lost.  The tests run under LeakSanitizer, which does not.
 */
#ifndef BASE_STORED_H
#define BASE_STORED_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

#endif
