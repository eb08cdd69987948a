/* The image's runscript in front of a step's program. Slurm starts a file of the container's own in the program's place, since the
 * list of arguments has no room for one more; the program's name comes in a variable. */
#ifndef DUNNAGE_ENTRYPOINT_H
#define DUNNAGE_ENTRYPOINT_H

#define DN_RUNSCRIPT "/.singularity.d/runscript"
#define DN_ENTRYPOINT "/.dunnage/entrypoint"
#define DN_ENTRYPOINT_VARIABLE "DUNNAGE_ENTRYPOINT_PROGRAM"

#endif
