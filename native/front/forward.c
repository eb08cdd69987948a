#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "forward.h"
#include "output.h"

/* The first line that `program --version` prints tells whether it is Open MPI's (version 5: PRRTE's). */
static bool takes_x(const char *program)
{
	char line[256] = "", *const argv[] = { (char *)program, "--version", NULL };
	struct dn_output o = dn_output_of(argv, environ, 0, true);

	if (o.lines && !fgets(line, sizeof(line), o.lines))
		*line = 0;
	/* to the end, so that it is not stopped by a closed pipe */
	while (o.lines && fgetc(o.lines) != EOF)
		;
	(void)dn_output_end(&o);
	return strstr(line, "Open MPI") || strstr(line, "OpenRTE") || strstr(line, "PRRTE") || strstr(line, "prterun");
}

void dn_forwarded(const char *program, struct dn_list *arguments)
{
	struct dn_list found = { NULL, 0 };
	char **e;
	size_t i;

	for (e = environ; *e; e++)
		if (dn_is_for_containers(*e))
			dn_list_add(&found, dn_text("%.*s", (int)strcspn(*e, "="), *e));
	if (found.n && takes_x(program))
		for (i = 0; i < found.n; i++) {
			dn_list_add(arguments, dn_text("-x"));
			dn_list_add(arguments, dn_text("%s", found.v[i]));
		}
}
