/* Looks up names in the objects that are loaded into this process, those of dlopen's private scopes included. */
#ifndef DUNNAGE_GUARD_SYMBOLS_H
#define DUNNAGE_GUARD_SYMBOLS_H

#include <stdbool.h>

/* The address of a definition in load order; behind: only in objects that were loaded after this one. NULL: none. */
void *guard_find(const char *name, bool behind);
/* The same, behind this object, with the file name of the object that has it. */
void *guard_find_with_file(const char *name, const char **file);

bool guard_same(const char *a, const char *b);

#endif
