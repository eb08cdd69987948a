#include <stdint.h>

#include "networks.h"

#include "options.h"

#include "dunnage/gpudevices.h"
#include "dunnage/networkwish.h"

#include <slurm/slurm_errno.h>
#include <stdlib.h>
#include <string.h>

/* A variable counts when the option is not given. */
static int wish(spank_t sp, const char *option, const char *variable, char **text, struct dn_err *err)
{
	if (option == NULL)
		return dn_step_variable(sp, variable, text, err);
	*text = strdup(option);
	return *text != NULL ? 0 : dn_fail(err, DN_INTERNAL, "out of memory");
}

static bool leads_somewhere(const struct dn_strings *networks)
{
	return networks->n > 0 && strcmp(networks->v[0], "host") != 0 && strcmp(networks->v[0], "none") != 0;
}

int dn_networks_ask(spank_t sp, struct dn_launch *req, struct dn_err *err)
{
	char *names = NULL, *args = NULL;
	int rc = -1;

	if (wish(sp, dn_options()->network, "DUNNAGE_CONTAINER_NETWORK", &names, err) < 0 ||
	    wish(sp, dn_options()->network_args, "DUNNAGE_CONTAINER_NETWORK_ARGS", &args, err) < 0)
		goto out;
	if (names != NULL && *names != '\0' && dn_network_read(names, &req->networks, err) < 0)
		goto out;
	if (args != NULL && *args != '\0' && dn_network_args_read(args, &req->ports, err) < 0)
		goto out;
	if (req->ports.n > 0 && !leads_somewhere(&req->networks)) {
		dn_fail(err, DN_REQUEST,
			DN_NETWORK_ARGS_OPTION "=%.200s: ports lead into a network of the site only; name one with " DN_NETWORK_OPTION
					       "=NAME, or leave it out", args);
		goto out;
	}
	rc = 0;
out:
	free(names);
	free(args);
	return rc;
}

void dn_networks_free(struct dn_launch *req)
{
	dn_strings_free(&req->networks);
	dn_strings_free(&req->ports);
}

void dn_networks_end(const struct dn_site *site, const struct dn_facts *facts)
{
	struct dn_err err = {0};

	if (site->prefix != NULL && dn_networks_down(site->prefix, facts->job_id, facts->step_id, &err) < 0)
		slurm_error("dunnage: %s; cure that and run 'dunnage gc'", err.msg);
}
