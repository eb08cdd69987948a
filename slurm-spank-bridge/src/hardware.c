#include <stdint.h>

#include "hardware.h"

#include "facts.h"
#include "options.h"

#include "dunnage/gpudevices.h"
#include "dunnage/transportwish.h"

#include <slurm/slurm_errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ADMISSION_MS 10000

static const struct {
	const char *name;
	uint32_t gpu;
} variables[] = {
	{"DUNNAGE_CONTAINER_NV", DN_GPU_NVIDIA}, {"DUNNAGE_NV", DN_GPU_NVIDIA},	 {"APPTAINER_NV", DN_GPU_NVIDIA},
	{"SINGULARITY_NV", DN_GPU_NVIDIA},	 {"DUNNAGE_CONTAINER_ROCM", DN_GPU_AMD}, {"DUNNAGE_ROCM", DN_GPU_AMD},
	{"APPTAINER_ROCM", DN_GPU_AMD},		 {"SINGULARITY_ROCM", DN_GPU_AMD},
};

static bool is_true(const char *value)
{
	return strcmp(value, "1") == 0 || strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0;
}

/* Variables count when no option says anything. */
static int wish(spank_t sp, uint32_t *gpu, struct dn_err *err)
{
	*gpu = dn_options()->gpu;
	for (size_t i = 0; dn_options()->gpu == 0 && i < sizeof(variables) / sizeof(variables[0]); i++) {
		char *value = NULL;

		if (dn_step_variable(sp, variables[i].name, &value, err) < 0)
			return -1;
		if (value != NULL && is_true(value))
			*gpu |= variables[i].gpu;
		free(value);
	}
	return 0;
}

/* The kernel's answer counts, not a variable that the user could set. */
static int given(const struct dn_session *session, struct dn_strings *devices, struct dn_err *err)
{
	if (!dn_gpu_has_devices("/dev"))
		return 0;
	if (!dn_session_await_admission(session, ADMISSION_MS))
		return dn_fail(err, DN_SETUP, "slurmstepd did not put its tasks into their cgroups within %d s, so that nobody knows which GPUs "
					      "the step has; look into the log of slurmd", ADMISSION_MS / 1000);
	return dn_gpu_devices("/dev", true, devices, err);
}

int dn_hardware_ask(spank_t sp, const struct dn_session *session, struct dn_launch *req, struct dn_err *err)
{
	if (wish(sp, &req->gpu, err) < 0 || dn_transport_split(dn_options()->transports, &req->transports, err) < 0)
		return -1;
	return req->gpu == DN_GPU_NONE ? 0 : given(session, &req->gpu_devices, err);
}

void dn_hardware_free(struct dn_launch *req)
{
	dn_strings_free(&req->gpu_devices);
	dn_strings_free(&req->transports);
}
