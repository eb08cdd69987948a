/* What Slurm's programs read their configuration into; weak, so that a release without it costs what needs it alone. */
#ifndef DUNNAGE_BRIDGE_SLURMCONF_H
#define DUNNAGE_BRIDGE_SLURMCONF_H

#include <stdint.h>

#include <slurm/slurm.h>

extern slurm_conf_t slurm_conf __attribute__((weak));

#endif
