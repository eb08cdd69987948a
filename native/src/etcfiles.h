/* Account and resolver files of the container: /etc/{passwd,group,resolv.conf,hosts,localtime}. */
#ifndef DUNNAGE_ETCFILES_H
#define DUNNAGE_ETCFILES_H

#include "dunnage/container.h"
#include "tree.h"

#define DN_ETC_COPIES 3

/* The host's files, read before the container hides them. */
struct dn_etc {
	char *data[DN_ETC_COPIES]; /* NULL: the host has none */
	size_t len[DN_ETC_COPIES];
};

int dn_etc_read_host(const struct dn_identity *who, struct dn_etc *etc, struct dn_err *err);
/* Before any bind is attached: everything lands on the container's own layer. */
int dn_etc_write(const struct dn_tree *tree, const struct dn_identity *who, const struct dn_etc *etc, struct dn_err *err);
/* text (malloc'ed) in place of the host's resolv.conf. */
void dn_etc_set_resolver(struct dn_etc *etc, char *text, size_t len);
void dn_etc_free(struct dn_etc *etc);

#endif
