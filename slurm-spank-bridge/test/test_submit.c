/* What is read at submission: words of command lines, variables, lines of scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "submitcheck.h"
#include "submitwords.h"

#define WORDS(text) text, sizeof(text)

static void mode(void **state)
{
	char *args[] = {(char[]){"submit_check=refuse"}, (char[]){"timeout=5"}, (char[]){"submit_check=warn"}};
	enum dn_submit_check found = DN_SUBMIT_REFUSE;
	struct dn_err err = {0};

	(void)state;
	assert_int_equal(dn_submit_check_mode(0, args, &found, &err), 0);
	assert_int_equal(found, DN_SUBMIT_NO);
	assert_int_equal(dn_submit_check_mode(2, args, &found, &err), 0);
	assert_int_equal(found, DN_SUBMIT_REFUSE);
	assert_int_equal(dn_submit_check_mode(3, args, &found, &err), 0);
	assert_int_equal(found, DN_SUBMIT_WARN);
}

static void expect_text(const char *found, const char *wanted)
{
	if (wanted == NULL)
		assert_null(found);
	else
		assert_string_equal(found, wanted);
}

static void expect_said(const struct dn_submit_words *found, const struct dn_submit_words *wanted)
{
	expect_text(found->mpi, wanted->mpi);
	expect_text(found->mem, wanted->mem);
	assert_int_equal(found->tasks, wanted->tasks);
	assert_int_equal(found->gpu, wanted->gpu);
	assert_int_equal(found->several, wanted->several);
}

static void words(void **state)
{
	static const struct {
		const char *words;
		size_t len;
		struct dn_submit_words said;
	} cases[] = {
		{WORDS("srun"), {0}},
		{WORDS("srun\0-N2\0-n4\0--mpi=pmix\0app"), {.mpi = "pmix", .tasks = 4}},
		{WORDS("srun\0-n\0" "8\0--mpi\0pmi2\0app"), {.mpi = "pmi2", .tasks = 8}},
		{WORDS("srun\0--ntasks=3\0-N\0" "2\0app"), {.tasks = 3}},
		{WORDS("srun\0-n\0many\0--mpi"), {0}},
		{WORDS("srun\0-G1\0app"), {.gpu = true}},
		{WORDS("srun\0-G\0" "2\0app"), {.gpu = true}},
		{WORDS("srun\0--gpus=volta:3\0app"), {.gpu = true}},
		{WORDS("srun\0--gpus\0" "3\0app"), {.gpu = true}},
		{WORDS("srun\0--gpus-per-node=1\0app"), {.gpu = true}},
		{WORDS("srun\0--gpus-per-task=1\0app"), {.gpu = true}},
		{WORDS("srun\0--gpus-per-socket=1\0app"), {.gpu = true}},
		{WORDS("srun\0--gpu-bind=none\0--gres-flags=enforce-binding\0app"), {0}},
		{WORDS("srun\0--gres=gpu:1\0app"), {.gpu = true}},
		{WORDS("srun\0--gres\0craynetwork:1,gpu:kepler:2\0app"), {.gpu = true}},
		{WORDS("srun\0--gres=shard:4\0app"), {.gpu = true}},
		{WORDS("srun\0--gres=craynetwork:1\0gpu\0app"), {0}},
		{WORDS("srun\0--tres-per-task=cpu=4,gres/gpu=1\0app"), {.gpu = true}},
		{WORDS("srun\0--tres-per-task=cpu=4\0app"), {0}},
		{WORDS("srun\0--exclusive\0app"), {.gpu = true}},
		{WORDS("sbatch\0job.sh\0--exclusive"), {.gpu = true}},
		{WORDS("sbatch\0--mem=4G\0job.sh"), {.mem = "4G"}},
		{WORDS("sbatch\0--mem\0" "100\0job.sh"), {.mem = "100"}},
		{WORDS("sbatch\0--mem=1G\0--mem=2G\0job.sh"), {.mem = "2G"}},
		{WORDS("sbatch\0--mem=1G\0--mem-per-cpu=2G\0job.sh"), {0}},
		{WORDS("sbatch\0--mem=1G\0--mem-per-gpu=2G\0job.sh"), {0}},
		{WORDS("sbatch\0--mem-bind=local\0job.sh\0--mem"), {0}},
		{WORDS("srun\0-n1\0app\0:\0-n2\0app"), {.tasks = 2, .several = true}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dn_submit_words said = {0};

		dn_submit_words(cases[i].words, cases[i].len, &said);
		expect_said(&said, &cases[i].said);
	}
}

static void variables(void **state)
{
	static const struct {
		const char *name, *value, *prefix;
		struct dn_submit_words said;
	} cases[] = {
		{"SLURM_GPUS", "1", "SLURM_", {.gpu = true}},
		{"SLURM_GPUS", "1", "SBATCH_", {0}},
		{"SBATCH_GPUS_PER_NODE", "1", "SBATCH_", {.gpu = true}},
		{"SBATCH_GPUS_PER_TASK", "1", "SBATCH_", {.gpu = true}},
		{"SALLOC_GPUS_PER_SOCKET", "1", "SALLOC_", {.gpu = true}},
		{"SLURM_GRES", "gpu:2", "SLURM_", {.gpu = true}},
		{"SLURM_GRES", "nic:2", "SLURM_", {0}},
		{"SBATCH_TRES_PER_TASK", "gres/gpu:1", "SBATCH_", {.gpu = true}},
		{"SALLOC_EXCLUSIVE", "", "SALLOC_", {.gpu = true}},
		{"SBATCH_MEM_PER_NODE", "512", "SBATCH_", {.mem = "512"}},
		{"SLURM_NTASKS", "5", "SLURM_", {.tasks = 5}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dn_submit_words said = {0};

		assert_int_equal(setenv(cases[i].name, cases[i].value, 1), 0);
		dn_submit_variables(cases[i].prefix, &said);
		assert_int_equal(unsetenv(cases[i].name), 0);
		expect_text(said.mem, cases[i].said.mem);
		assert_int_equal(said.gpu, cases[i].said.gpu);
		assert_int_equal(said.tasks, cases[i].said.tasks);
	}
}

static void directives(void **state)
{
	static const struct {
		const char *text, *words;
		size_t len;
	} cases[] = {
		{"", WORDS("")},
		{"#!/bin/sh\necho\n", WORDS("")},
		{"#!/bin/sh\n#SBATCH --gres=gpu:1\n", WORDS("--gres=gpu:1")},
		{"#!/bin/sh\n#SBATCH --gres=gpu:1", WORDS("--gres=gpu:1")},
		{"#!/bin/sh\r\n#SBATCH -n 4\r\n#SBATCH\r\n", WORDS("-n\0" "4")},
		{"#!/bin/sh\n#SBATCH\n#SBATCH \n#SBATCH\t-G\t1 \n", WORDS("-G\0" "1")},
		{"#!/bin/sh\n#SBATCH --mem=1G # much --mem=9G\n\n # text\n#SBATCH -J x\n", WORDS("--mem=1G\0-J\0x")},
		{"#!/bin/sh\n#SBATCH --gres=\"gpu:1\" -J 'two words'\n", WORDS("--gres=gpu:1\0-J\0two words")},
		{"#!/bin/sh\n#SBATCH -J \"never ends\nmodule load x\n", WORDS("-J\0never ends")},
		{"#!/bin/sh\n##SBATCH -G1\n #SBATCH -G1\nmodule load x\n#SBATCH -G1\n", WORDS("")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[200];
		size_t len = strlen(cases[i].text), n, wanted = cases[i].len > 1 ? cases[i].len : 0;

		memcpy(text, cases[i].text, len + 1);
		n = dn_submit_directives(text, len);
		assert_int_equal(n, wanted);
		assert_memory_equal(text, cases[i].words, n);
	}
}

static void put(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Each test of files has a directory of its own, as its current one. */
static int enter(void **state)
{
	char dir[] = "/tmp/dunnage-submit-XXXXXX"; /* mkdtemp's */

	return mkdtemp(dir) == NULL || chdir(dir) < 0 || (*state = strdup(dir)) == NULL;
}

static int leave(void **state)
{
	char command[64];
	int rc = chdir("/");

	(void)snprintf(command, sizeof(command), "rm -r %s", (char *)*state);
	free(*state);
	return rc < 0 || system(command) != 0;
}

/* Other files among the words: an image, a file of the program's, what is no file. */
static void script(void **state)
{
	static const char one[] = "sbatch\0job.sh", named[] = "sbatch\0-o\0out\0--container\0image.sif\0fifo\0/\0none\0job.sh\0other.sh", none[] = "sbatch\0--wrap=true\0-o\0out";
	char text[64];

	(void)state;
	put("out", "text", 4);
	put("image.sif", "#!/usr/bin/env run-singularity\n\0SIF_MAGIC", 41);
	put("job.sh", "#!/bin/sh\n#SBATCH -G1\n", 22);
	put("other.sh", "#!/bin/sh\n", 10);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(dn_submit_script(named, sizeof(named), text, sizeof(text)), 22);
	assert_string_equal(text, "#!/bin/sh\n#SBATCH -G1\n");
	/* no more than there is room for */
	assert_int_equal(dn_submit_script(one, sizeof(one), text, 15), 14);
	assert_string_equal(text, "#!/bin/sh\n#SBA");
	assert_int_equal(dn_submit_script(none, sizeof(none), text, sizeof(text)), 0);
	assert_int_equal(dn_submit_script("sbatch", 7, text, sizeof(text)), 0);
	assert_int_equal(dn_submit_script("", 0, text, sizeof(text)), 0);
	assert_true(dn_submit_wraps(none, sizeof(none)));
	assert_false(dn_submit_wraps(named, sizeof(named)));
}

/* What the launcher is started with, which writes its arguments down. */
static void check(enum dn_command command, const char *line, size_t len, const char *wanted)
{
	char arguments[512] = "";
	const struct dn_submission s = {.image = "/i.sif", .prefix = ".", .container_mpi = command == DN_COMMAND_JOB ? "none" : NULL,
					.mpi_default = "pmi2"};
	FILE *f;
	size_t n;

	assert_int_equal(dn_submit_check(command, &s, DN_SUBMIT_REFUSE, line, len), -1);
	f = fopen("arguments", "r");
	assert_non_null(f);
	n = fread(arguments, 1, sizeof(arguments) - 1, f);
	assert_int_equal(fclose(f), 0);
	assert_true(n > 0);
	assert_string_equal(arguments, wanted);
}

static void launched(void **state)
{
	static const char program[] = "#!/bin/sh\necho \"$@\" > arguments\nexit 3\n", job[] = "#!/bin/sh\n#SBATCH --mem=1G --mpi=none -n4\n";
	static const char gpu_job[] = "#!/bin/sh\n#SBATCH --gres=gpu:1\n";

	(void)state;
	assert_int_equal(mkdir("bin", 0700), 0);
	put("bin/dunnage", program, sizeof(program) - 1);
	assert_int_equal(chmod("bin/dunnage", 0700), 0);
	put("job.sh", job, sizeof(job) - 1);
	put("gpu.sh", gpu_job, sizeof(gpu_job) - 1);
	assert_int_equal(unsetenv("SLURM_JOB_ID"), 0);
	assert_int_equal(unsetenv("SLURM_MPI_TYPE"), 0);
	check(DN_COMMAND_STEP, WORDS("srun\0-n4\0--mpi=pmix\0app"), "submit-check --mpi=pmix --tasks=4 --no-gpu -- /i.sif\n");
	check(DN_COMMAND_STEP, WORDS("srun\0-G1\0job.sh"), "submit-check --mpi=pmi2 -- /i.sif\n");
	check(DN_COMMAND_STEP, WORDS("srun\0-n1\0app\0:\0-n2\0--mem=1\0app"), "submit-check --mpi=pmi2 -- /i.sif\n");
	check(DN_COMMAND_JOB, WORDS("/usr/bin/sbatch\0job.sh"), "submit-check --container-mpi=none --mem=1G --no-gpu -- /i.sif\n");
	check(DN_COMMAND_JOB, WORDS("sbatch\0--mem=2G\0job.sh"), "submit-check --container-mpi=none --mem=2G --no-gpu -- /i.sif\n");
	check(DN_COMMAND_JOB, WORDS("sbatch\0gpu.sh"), "submit-check --container-mpi=none -- /i.sif\n");
	/* a script that comes some other way, such as standard input */
	check(DN_COMMAND_JOB, WORDS("sbatch\0--mem=2G"), "submit-check --container-mpi=none --mem=2G -- /i.sif\n");
	check(DN_COMMAND_JOB, WORDS("sbatch\0--wrap=app"), "submit-check --container-mpi=none --no-gpu -- /i.sif\n");
	check(DN_COMMAND_JOB, WORDS("salloc\0job.sh"), "submit-check --container-mpi=none --no-gpu -- /i.sif\n");
	assert_int_equal(setenv("SBATCH_MEM_PER_NODE", "3G", 1), 0);
	assert_int_equal(setenv("SLURM_MPI_TYPE", "pmi2", 1), 0);
	check(DN_COMMAND_JOB, WORDS("sbatch\0job.sh"), "submit-check --mpi=pmi2 --container-mpi=none --mem=3G --no-gpu -- /i.sif\n");
	check(DN_COMMAND_STEP, WORDS("srun\0--mpi=pmix\0app"), "submit-check --mpi=pmix --no-gpu -- /i.sif\n");
	assert_int_equal(unsetenv("SBATCH_MEM_PER_NODE"), 0);
	assert_int_equal(unsetenv("SLURM_MPI_TYPE"), 0);
}

/* Only what the check objects to keeps a job from being submitted; a check that has failed itself does not. */
static void failed(void **state)
{
	static const struct {
		const char *program;
		int rc;
	} table[] = {{"#!/bin/sh\nexit 3\n", -1}, {"#!/bin/sh\nexit 1\n", 0}, {"#!/bin/sh\nexit 8\n", 0}, {"#!/bin/sh\nkill -9 $$\n", 0},
		     {"#!/nowhere\n", 0}};

	(void)state;
	assert_int_equal(mkdir("bin", 0700), 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct dn_submission submission = {.image = "/i.sif", .prefix = ".", .mpi_default = "pmix"};

		put("bin/dunnage", table[i].program, strlen(table[i].program));
		assert_int_equal(chmod("bin/dunnage", 0700), 0);
		assert_int_equal(dn_submit_check(DN_COMMAND_STEP, &submission, DN_SUBMIT_REFUSE, WORDS("srun\0app")), table[i].rc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode),	      cmocka_unit_test(words),	cmocka_unit_test(variables),
		cmocka_unit_test(directives), cmocka_unit_test_setup_teardown(script, enter, leave), cmocka_unit_test_setup_teardown(launched, enter, leave),
		cmocka_unit_test_setup_teardown(failed, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
