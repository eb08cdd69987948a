/* Limits on cgroup trees of plain files: which group is lowered, by how much, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "steplimits.h"

struct node {
	char dir[64], mountinfo[100], membership[100];
	struct dn_cgroup_files files;
};

static void make_dirs(const struct node *n, const char *path)
{
	char command[512];

	snprintf(command, sizeof(command), "mkdir -p '%s/%s'", n->dir, path);
	assert_int_equal(system(command), 0);
}

static void file(const struct node *n, const char *path, const char *text)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", n->dir, path);
	put(full, text);
}

static void holds(const struct node *n, const char *path, const char *want)
{
	char full[512], got[64] = "";
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", n->dir, path);
	f = fopen(full, "r");
	assert_non_null(f);
	assert_true(fread(got, 1, sizeof(got) - 1, f) < sizeof(got));
	fclose(f);
	assert_string_equal(got, want);
}

/* A kernel's file would take what is written; a plain one is overwritten from its start. */
static struct node node_with(const char *mounts, const char *membership)
{
	struct node n;
	char text[4096], *at;
	size_t used = 0;

	snprintf(n.dir, sizeof(n.dir), "/tmp/dunnage-limits-XXXXXX");
	assert_non_null(mkdtemp(n.dir));
	snprintf(n.mountinfo, sizeof(n.mountinfo), "%s/mountinfo", n.dir);
	snprintf(n.membership, sizeof(n.membership), "%s/membership", n.dir);
	/* @ is the directory */
	for (at = text; *mounts && used < sizeof(text) - 100; mounts++) {
		if (*mounts == '@')
			used += (size_t)snprintf(at + used, sizeof(text) - used, "%s", n.dir);
		else
			text[used++] = *mounts;
	}
	text[used] = 0;
	put(n.mountinfo, text);
	put(n.membership, membership);
	return n;
}

static void done(const struct node *n)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", n->dir);
	assert_int_equal(system(command), 0);
}

static int apply(struct node *n, uint64_t pids, uint64_t memory, struct dn_err *err)
{
	const struct dn_limits limits = { .pids = pids, .memory = memory };

	n->files = (struct dn_cgroup_files){ n->mountinfo, n->membership };
	return dn_limits_apply_at(&n->files, &limits, 7, 0, err);
}

#define V1 "30 20 0:30 / @/memory rw,relatime - cgroup cgroup rw,memory\n" \
	   "31 20 0:31 / @/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n"
#define V1_STEP "memory/slurm/uid_1000/job_7/step_0"

static struct node v1_node(void)
{
	struct node n = node_with(V1, "9:cpu:/\n4:memory:/slurm/uid_1000/job_7/step_0/task_0\n3:pids:/\n0::/\n");

	make_dirs(&n, V1_STEP "/task_0");
	make_dirs(&n, "pids");
	return n;
}

static void v1_step_is_lowered(void **state)
{
	struct node n = v1_node();
	struct dn_err err;

	(void)state;
	file(&n, V1_STEP "/memory.limit_in_bytes", "8589934592\n");
	file(&n, V1_STEP "/memory.memsw.limit_in_bytes", "9999999999\n");
	assert_int_equal(apply(&n, 0, 1073741824, &err), 0);
	holds(&n, V1_STEP "/memory.limit_in_bytes", "1073741824\n");
	holds(&n, V1_STEP "/memory.memsw.limit_in_bytes", "1073741824\n");
	done(&n);
}

static void never_raised(void **state)
{
	struct node n = v1_node();
	struct dn_err err;

	(void)state;
	file(&n, V1_STEP "/memory.limit_in_bytes", "1000\n");
	assert_int_equal(apply(&n, 0, 1073741824, &err), 0);
	holds(&n, V1_STEP "/memory.limit_in_bytes", "1000\n");
	done(&n);
}

static int apply_processors(struct node *n, uint32_t processors, struct dn_err *err)
{
	const struct dn_limits limits = { .processors = processors };

	n->files = (struct dn_cgroup_files){ n->mountinfo, n->membership };
	return dn_limits_apply_at(&n->files, &limits, 7, 0, err);
}

#define V1_CPU "32 20 0:32 / @/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
#define V1_CPU_STEP "cpu/slurm/uid_1000/job_7/step_0"

/* Slurm may have a group there that it only counts in. */
static void v1_processors_of_the_step(void **state)
{
	static const struct {
		const char *period, *before, *after;
	} rows[] = {
		{ "100000\n", "-1\n", "200000" },
		{ "50000\n", "-1\n", "100000" },
		{ "100000\n", "150000\n", "150000\n" },
		{ "100000\n", "900000\n", "200000\n" },
	};
	struct dn_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct node n = node_with(V1_CPU, "4:cpu,cpuacct:/slurm/uid_1000/job_7/step_0/task_0\n");

		make_dirs(&n, V1_CPU_STEP "/task_0");
		file(&n, V1_CPU_STEP "/cpu.cfs_period_us", rows[i].period);
		file(&n, V1_CPU_STEP "/cpu.cfs_quota_us", rows[i].before);
		assert_int_equal(apply_processors(&n, 2, &err), 0);
		holds(&n, V1_CPU_STEP "/cpu.cfs_quota_us", rows[i].after);
		done(&n);
	}
}

static void v1_processors_in_an_own_group(void **state)
{
	struct node n = node_with(V1_CPU, "4:cpu,cpuacct:/\n");
	struct dn_err err;

	(void)state;
	make_dirs(&n, "cpu/dunnage_7.0");
	file(&n, "cpu/dunnage_7.0/cpu.cfs_period_us", "100000\n");
	file(&n, "cpu/dunnage_7.0/cpu.cfs_quota_us", "-1\n");
	file(&n, "cpu/dunnage_7.0/cgroup.procs", "");
	assert_int_equal(apply_processors(&n, 1, &err), 0);
	holds(&n, "cpu/dunnage_7.0/cpu.cfs_quota_us", "100000");
	holds(&n, "cpu/dunnage_7.0/cgroup.procs", "0");
	done(&n);
}

static void no_limit_touches_nothing(void **state)
{
	struct node n = node_with("", "");
	struct dn_err err;

	(void)state;
	assert_int_equal(apply(&n, 0, 0, &err), 0);
	done(&n);
}

static void no_hierarchy_is_refused(void **state)
{
	struct node n = node_with("22 1 0:5 / /proc rw - proc proc rw\nshort\n\n - cgroup\n", "junk\n::\n4:memory\n");
	struct dn_err err = { 0 };

	(void)state;
	assert_int_equal(apply(&n, 5, 0, &err), -1);
	assert_int_equal(err.code, DN_SETUP);
	assert_non_null(strstr(err.msg, "'pids'"));
	done(&n);
}

/* Of another job, or of none: Slurm's groups are not touched. */
static void foreign_step_is_left_alone(void **state)
{
	struct node n = node_with(V1, "4:memory:/slurm/uid_1000/job_77/step_0\n");
	struct dn_err err = { 0 };

	(void)state;
	make_dirs(&n, "memory/slurm/uid_1000/job_77/step_0");
	file(&n, "memory/slurm/uid_1000/job_77/step_0/memory.limit_in_bytes", "5000\n");
	assert_int_equal(apply(&n, 0, 10, &err), -1);
	holds(&n, "memory/slurm/uid_1000/job_77/step_0/memory.limit_in_bytes", "5000\n");
	done(&n);
}

static void part_of_a_hierarchy(void **state)
{
	struct node n = node_with("31 20 0:31 /box @/memory rw - cgroup cgroup rw,memory,cpu\n",
				  "4:cpu,memory:/box/slurm/uid_1/job_7/step_batch\n");
	struct dn_err err;

	(void)state;
	make_dirs(&n, "memory/slurm/uid_1/job_7/step_batch");
	file(&n, "memory/slurm/uid_1/job_7/step_batch/memory.limit_in_bytes", "9000\n");
	assert_int_equal(apply(&n, 0, 4096, &err), 0);
	holds(&n, "memory/slurm/uid_1/job_7/step_batch/memory.limit_in_bytes", "4096\n");
	done(&n);
}

static void outside_of_the_mount(void **state)
{
	struct node n = node_with("31 20 0:31 /box @/memory rw - cgroup cgroup rw,memory\n",
				  "4:memory:/boxes/job_7/step_0\n");
	struct dn_err err;

	(void)state;
	assert_int_equal(apply(&n, 0, 4096, &err), -1);
	done(&n);
}

#define V2_SCOPE "cg/system.slice/slurmstepd.scope"

static struct node v2_node(void)
{
	struct node n = node_with("40 20 0:40 / @/cg rw - cgroup2 cgroup2 rw,nsdelegate\n",
				  "0::/system.slice/slurmstepd.scope/job_7/step_0/slurm\n");

	make_dirs(&n, V2_SCOPE "/job_7/step_0/slurm");
	make_dirs(&n, V2_SCOPE "/job_7/step_0/user");
	return n;
}

static void v2_step_is_lowered(void **state)
{
	struct node n = v2_node();
	struct dn_err err;

	(void)state;
	file(&n, V2_SCOPE "/cgroup.subtree_control", "");
	file(&n, V2_SCOPE "/job_7/step_0/cgroup.subtree_control", "");
	file(&n, V2_SCOPE "/job_7/step_0/user/memory.max", "max\n");
	file(&n, V2_SCOPE "/job_7/step_0/user/pids.max", "max\n");
	assert_int_equal(apply(&n, 100, 4096, &err), 0);
	holds(&n, V2_SCOPE "/job_7/step_0/user/memory.max", "4096");
	holds(&n, V2_SCOPE "/job_7/step_0/user/pids.max", "100\n");
	holds(&n, V2_SCOPE "/cgroup.subtree_control", "+memory");
	holds(&n, V2_SCOPE "/job_7/step_0/cgroup.subtree_control", "+memory");
	done(&n);
}

static void v2_processors_of_the_step(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ "max 100000\n", "200000 100000" },
		{ "150000 100000\n", "150000 100000\n" },
		{ "400000 50000\n", "100000 50000\n" },
	};
	struct dn_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct node n = v2_node();

		file(&n, V2_SCOPE "/job_7/step_0/cgroup.subtree_control", "");
		file(&n, V2_SCOPE "/job_7/step_0/user/cpu.max", rows[i].before);
		assert_int_equal(apply_processors(&n, 2, &err), 0);
		holds(&n, V2_SCOPE "/job_7/step_0/user/cpu.max", rows[i].after);
		holds(&n, V2_SCOPE "/job_7/step_0/cgroup.subtree_control", "+cpu");
		done(&n);
	}
}

/* Version 2 counts swap apart: what is left of the limit, if anything is. */
static void v2_swap_is_what_memory_leaves(void **state)
{
	struct node n = v2_node();
	struct dn_err err;

	(void)state;
	file(&n, V2_SCOPE "/job_7/step_0/user/memory.max", "max");
	file(&n, V2_SCOPE "/job_7/step_0/user/memory.swap.max", "max");
	assert_int_equal(apply(&n, 0, 1000, &err), 0);
	holds(&n, V2_SCOPE "/job_7/step_0/user/memory.max", "1000");
	holds(&n, V2_SCOPE "/job_7/step_0/user/memory.swap.max", "0ax");
	file(&n, V2_SCOPE "/job_7/step_0/user/memory.max", "300");
	file(&n, V2_SCOPE "/job_7/step_0/user/memory.swap.max", "900");
	assert_int_equal(apply(&n, 0, 1000, &err), 0);
	holds(&n, V2_SCOPE "/job_7/step_0/user/memory.swap.max", "700");
	done(&n);
}

static void v2_task_tells_the_steps_memory(void **state)
{
	struct node n = v2_node();
	struct dn_err err;

	(void)state;
	n.files = (struct dn_cgroup_files){ n.mountinfo, n.membership };
	put(n.membership, "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_1\n");
	make_dirs(&n, V2_SCOPE "/job_7/step_0/user/task_1");
	file(&n, V2_SCOPE "/memory.max", "1\n");
	file(&n, V2_SCOPE "/job_7/memory.max", "2\n");
	file(&n, V2_SCOPE "/job_7/step_0/memory.max", "max\n");
	file(&n, V2_SCOPE "/job_7/step_0/user/memory.max", "5000\n");
	file(&n, V2_SCOPE "/job_7/step_0/user/task_1/memory.max", "max\n");
	assert_int_equal(dn_limits_show_at(&n.files, 7, &err), 0);
	holds(&n, V2_SCOPE "/job_7/step_0/user/task_1/memory.max", "5000");
	/* never raised; another job's group is left alone */
	file(&n, V2_SCOPE "/job_7/step_0/user/task_1/memory.max", "4000\n");
	assert_int_equal(dn_limits_show_at(&n.files, 7, &err), 0);
	holds(&n, V2_SCOPE "/job_7/step_0/user/task_1/memory.max", "4000\n");
	file(&n, V2_SCOPE "/job_7/step_0/user/task_1/memory.max", "max\n");
	assert_int_equal(dn_limits_show_at(&n.files, 77, &err), 0);
	holds(&n, V2_SCOPE "/job_7/step_0/user/task_1/memory.max", "max\n");
	done(&n);
}

static void ooms_of_the_own_group_are_counted(void **state)
{
	struct node n = node_with(V1, "4:memory:/\n3:pids:/\n");

	(void)state;
	n.files = (struct dn_cgroup_files){ n.mountinfo, n.membership };
	assert_int_equal(dn_limits_ooms_at(&n.files, false, 7, 0), 0);
	make_dirs(&n, "memory/dunnage_7.0");
	file(&n, "memory/dunnage_7.0/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
	assert_int_equal(dn_limits_ooms_at(&n.files, false, 7, 0), 3);
	assert_int_equal(dn_limits_ooms_at(&n.files, false, 7, 1), 0);
	done(&n);
}

static void v2_ooms_of_the_step_are_counted_if_wanted(void **state)
{
	struct node n = v2_node();

	(void)state;
	n.files = (struct dn_cgroup_files){ n.mountinfo, n.membership };
	assert_int_equal(dn_limits_ooms_at(&n.files, true, 7, 0), 0);
	file(&n, V2_SCOPE "/job_7/step_0/memory.events", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 2\noom_group_kill 0\n");
	assert_int_equal(dn_limits_ooms_at(&n.files, true, 7, 0), 2);
	assert_int_equal(dn_limits_ooms_at(&n.files, false, 7, 0), 0);
	assert_int_equal(dn_limits_ooms_at(&n.files, true, 8, 0), 0);
	done(&n);
}

static void v2_without_controller_is_refused(void **state)
{
	struct node n = v2_node();
	struct dn_err err = { 0 };

	(void)state;
	assert_int_equal(apply(&n, 100, 0, &err), -1);
	assert_non_null(strstr(err.msg, "pids.max"));
	done(&n);
}

static void v2_without_slurms_group_is_refused(void **state)
{
	struct node n = node_with("40 20 0:40 / @/cg rw - cgroup2 cgroup2 rw\n", "0::/system.slice/slurmd.service\n");
	struct dn_err err = { 0 };

	(void)state;
	assert_int_equal(apply(&n, 100, 0, &err), -1);
	assert_non_null(strstr(err.msg, "ProctrackType"));
	done(&n);
}

static void own_groups_are_removed(void **state)
{
	struct node n = v1_node();
	char path[512];

	(void)state;
	make_dirs(&n, "pids/dunnage_7.0");
	make_dirs(&n, "pids/dunnage_7.1");
	make_dirs(&n, "pids/dunnage_71.0");
	n.files = (struct dn_cgroup_files){ n.mountinfo, n.membership };
	dn_limits_release_at(&n.files, 7, 0);
	snprintf(path, sizeof(path), "%s/pids/dunnage_7.0", n.dir);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/pids/dunnage_7.1", n.dir);
	assert_int_equal(access(path, F_OK), 0);
	dn_limits_sweep_at(&n.files, 7);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/pids/dunnage_71.0", n.dir);
	assert_int_equal(access(path, F_OK), 0);
	done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v1_step_is_lowered),
		cmocka_unit_test(never_raised),
		cmocka_unit_test(v1_processors_of_the_step),
		cmocka_unit_test(v1_processors_in_an_own_group),
		cmocka_unit_test(v2_processors_of_the_step),
		cmocka_unit_test(no_limit_touches_nothing),
		cmocka_unit_test(no_hierarchy_is_refused),
		cmocka_unit_test(foreign_step_is_left_alone),
		cmocka_unit_test(part_of_a_hierarchy),
		cmocka_unit_test(outside_of_the_mount),
		cmocka_unit_test(v2_step_is_lowered),
		cmocka_unit_test(v2_swap_is_what_memory_leaves),
		cmocka_unit_test(v2_task_tells_the_steps_memory),
		cmocka_unit_test(v2_ooms_of_the_step_are_counted_if_wanted),
		cmocka_unit_test(ooms_of_the_own_group_are_counted),
		cmocka_unit_test(v2_without_controller_is_refused),
		cmocka_unit_test(v2_without_slurms_group_is_refused),
		cmocka_unit_test(own_groups_are_removed),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
