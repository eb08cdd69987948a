/* The devices of the node's GPUs, and which of them this step may open. */
#ifndef DUNNAGE_GPUDEVICES_H
#define DUNNAGE_GPUDEVICES_H

#include <stdbool.h>

#include "dunnage/err.h"
#include "dunnage/wire.h"

/* Adds the path (malloc'ed, as in /dev) of each GPU device in the directory dev. probe: only those that the cgroup of this process
 * lets it open; root, once Slurm has put the step into its cgroups. Nothing is opened, so no driver is woken. */
int dn_gpu_devices(const char *dev, bool probe, struct dn_strings *devices, struct dn_err *err);
void dn_strings_free(struct dn_strings *s);
/* Whether dev has any such device: costs a look into the directory. */
bool dn_gpu_has_devices(const char *dev);

#endif
