/* Which image a command or step is about. Pure functions: no Slurm, no environment, no file system. */
#ifndef DUNNAGE_CHOOSE_H
#define DUNNAGE_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "dunnage/err.h"

enum dn_origin {
	DN_ORIGIN_NONE,      /* no container */
	DN_ORIGIN_EXPLICIT,  /* asked for by this very command */
	DN_ORIGIN_INHERITED, /* left in the environment by the job or the shell */
};

enum dn_command {
	DN_COMMAND_STEP, /* srun: a step takes over the job's image */
	DN_COMMAND_JOB,  /* sbatch, salloc: a new job starts without one */
};

/* explicit_ref: SLURM_CONTAINER as Slurm set it from this command's options, or NULL; inherited: its value before the
 * options were read, or NULL. *ref (malloc'ed, NULL for none) is absolute when it is a path. "none" asks for no
 * container. */
int dn_choose(enum dn_command command, const char *explicit_ref, const char *inherited, const char *cwd, char **ref,
	      enum dn_origin *origin, struct dn_err *err);

/* Absolute form of an image reference: "file://" and "file:" are taken off, a relative path is put beneath cwd, other
 * schemes stay as they are. *out is malloc'ed. */
int dn_absolute_ref(const char *ref, const char *cwd, char **out, struct dn_err *err);

/* False when a command line with several components of a heterogeneous job (":" between them) does not name the same image for
 * each: all steps of one srun get the same environment, and with it the same image. command_line: NUL-ended words, len bytes. */
bool dn_same_image_for_all(const char *command_line, size_t len);

/* The value of an option that stands as "--name=value", "--name value", "-nvalue" or "-n value"; NULL: it is another word. next: the
 * word behind it, which may be NULL. */
const char *dn_option_value(const char *word, const char *next, const char *name);

/* The value of the first --mpi of a command line; NULL: none. */
const char *dn_mpi_asked(const char *command_line, size_t len);
/* The --mpi that a step has, as srun finds it: asked for, else the variable SLURM_MPI_TYPE, else Slurm's MpiDefault. Each may be NULL. */
const char *dn_step_mpi(const char *asked, const char *by_default);
/* Whether a value of --mpi stands for PMIx, such as "pmix" and "pmix_v4"; NULL, none given, does not. */
bool dn_mpi_is_pmix(const char *type);

/* True when a word of a command line stands for --multi-prog; an argument of the program's counts too, since without the table of
 * srun's options nobody can tell where they end. */
bool dn_is_multi_prog(const char *command_line, size_t len);

/* "oras" of "oras://host/img", or 0 when ref is a path; the length of the scheme. */
size_t dn_scheme_length(const char *ref);

#endif
