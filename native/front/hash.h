/* FNV-1a, 64 bits: names for things that are compared in full where it matters. */
#ifndef DUNNAGE_FRONT_HASH_H
#define DUNNAGE_FRONT_HASH_H

#include <stddef.h>
#include <stdint.h>

#define DN_HASH_START 0xcbf29ce484222325u

static inline uint64_t dn_hash(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len--)
		hash = (hash ^ *p++) * 0x100000001b3u;
	return hash;
}

#endif
