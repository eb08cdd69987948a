/* What the client in a container and the helper on the host side say to each other about one Slurm command.
 *
 * Both come from one installation and run on one machine, as one user. The client connects, sends a request (head, with four
 * descriptors, then text) and afterwards signals; the helper answers with one message, FAILED with a text behind it. */
#ifndef DUNNAGE_SLURM_TALK_H
#define DUNNAGE_SLURM_TALK_H

#include <stdint.h>

#define SLURM_TALK_MAGIC 0x31534e44u /* "DNS1" */
#define SLURM_TALK_MAX (8u << 20)    /* bytes of text; the kernel takes less for an exec */
#define SLURM_TALK_FDS 4	     /* standard input, output, error, working directory */
#define SLURM_TALK_LIMITS 16	     /* resource limits, by number */

struct slurm_limit {
	uint64_t soft, hard;
};

/* text: name of the command, arguments from 1 on, environment, working directory, each ended by a NUL */
struct slurm_request {
	uint32_t magic, args, vars, text;
	uint64_t ignored; /* signals that the client ignores: bit number - 1 */
	uint32_t mask;	  /* umask */
	uint32_t zero;
	struct slurm_limit limits[SLURM_TALK_LIMITS];
};

enum slurm_word {
	SLURM_SIGNAL = 1, /* client: value is a signal for the command */
	SLURM_EXITED = 2, /* helper: value is the exit status */
	SLURM_KILLED = 3, /* helper: value is the signal that ended the command */
	SLURM_FAILED = 4, /* helper: the command did not start; value bytes of text say why */
};

struct slurm_message {
	uint32_t word, value;
};

#endif
