#ifndef DUNNAGE_FRONT_HELP_H
#define DUNNAGE_FRONT_HELP_H

/* Prints what `dunnage COMMAND --help` shows. */
void dn_help(const char *command);

#endif
