/* What a submission asks Slurm for, as far as it is written out where the submitting command can read it. */
#ifndef DUNNAGE_BRIDGE_SUBMITWORDS_H
#define DUNNAGE_BRIDGE_SUBMITWORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Texts lie in what was read. */
struct dn_submit_words {
	const char *mpi; /* --mpi; NULL: not said */
	const char *mem; /* --mem as it stands; NULL: not said, or memory is asked for another way */
	unsigned tasks;	 /* -n; 0: not said */
	bool gpu;	 /* a GPU is asked for, or a whole node */
	bool several;	 /* components of a heterogeneous job, whose options cannot be told apart */
};

/* Adds what these NUL-ended words say; later ones are stronger, as with Slurm. Words of the program's count too, since without the
 * table of Slurm's options nobody can tell where those end. */
void dn_submit_words(const char *words, size_t len, struct dn_submit_words *said);

/* Adds what variables say whose names begin with prefix: SLURM_ (srun), SBATCH_, SALLOC_. */
void dn_submit_variables(const char *prefix, struct dn_submit_words *said);

/* Makes NUL-ended words of the #SBATCH lines of a script, in its place; the length of all. text has a NUL behind it. */
size_t dn_submit_directives(char *text, size_t len);

/* Reads the script that a command line of sbatch names, NUL-ended, at most size - 1 bytes; 0: none is found. It is the first word
 * that names a readable text with "#!" at its begin. */
size_t dn_submit_script(const char *command_line, size_t len, char *text, size_t size);

/* Whether sbatch makes the script itself, of a command. */
bool dn_submit_wraps(const char *command_line, size_t len);

#endif
