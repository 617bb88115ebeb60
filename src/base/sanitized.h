/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether this program was built with AddressSanitizer, by gcc or clang. */
#ifndef BASE_SANITIZED_H
#define BASE_SANITIZED_H

/* At its end it looks for leaks, for which it starts a process, and traces. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

#endif
