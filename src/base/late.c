/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries that only some runs need: loaded by those. */
#include "base/late.h"

#include <dlfcn.h>
#include <string.h>

void *late_load(const char *soname, const char *const *names, size_t n,
		void *functions, struct err *err)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	char *to = functions;
	size_t i;

	if (!library) {
		err_set(err, ERR_SYS, "%s", dlerror());
		return NULL;
	}
	for (i = 0; i < n; i++, to += sizeof(void *)) {
		void *at = dlsym(library, names[i]);

		if (!at) {
			dlclose(library);
			err_set(err, ERR_SYS, "this one is too old (no %s())",
				names[i]);
			return NULL;
		}
		memcpy(to, &at, sizeof(at));
	}
	return library;
}
