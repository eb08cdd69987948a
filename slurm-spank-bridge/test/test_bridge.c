/* The parts of the plugin that need no Slurm: image choice, rank environment, session, settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "choose.h"
#include "dunnage/rankenv.h"
#include "session.h"
#include "site.h"

static void choose_table(void **state)
{
	const struct {
		enum dn_command command;
		const char *asked, *inherited, *want;
		enum dn_origin origin;
	} cases[] = {
		{DN_COMMAND_STEP, NULL, NULL, NULL, DN_ORIGIN_NONE},
		{DN_COMMAND_STEP, "b.sif", "/a.sif", "/home/u/b.sif", DN_ORIGIN_EXPLICIT},
		{DN_COMMAND_STEP, NULL, "/a.sif", "/a.sif", DN_ORIGIN_INHERITED},
		{DN_COMMAND_STEP, NULL, "", NULL, DN_ORIGIN_NONE},
		{DN_COMMAND_STEP, "none", "/a.sif", NULL, DN_ORIGIN_NONE},
		{DN_COMMAND_STEP, "./none", "/a.sif", "/home/u/./none", DN_ORIGIN_EXPLICIT},
		{DN_COMMAND_STEP, "file:///x/y.sif", NULL, "/x/y.sif", DN_ORIGIN_EXPLICIT},
		{DN_COMMAND_STEP, "file:y.sif", NULL, "/home/u/y.sif", DN_ORIGIN_EXPLICIT},
		{DN_COMMAND_STEP, "oras://h/i:t", NULL, "oras://h/i:t", DN_ORIGIN_EXPLICIT},
		{DN_COMMAND_STEP, "library:i", NULL, "library:i", DN_ORIGIN_EXPLICIT},
		{DN_COMMAND_JOB, NULL, "/a.sif", NULL, DN_ORIGIN_NONE},
		{DN_COMMAND_JOB, "b.sif", "/a.sif", "/home/u/b.sif", DN_ORIGIN_EXPLICIT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dn_err err = {0};
		enum dn_origin origin;
		char *ref = NULL;

		assert_int_equal(dn_choose(cases[i].command, cases[i].asked, cases[i].inherited, "/home/u", &ref,
					   &origin, &err),
				 0);
		assert_int_equal(origin, cases[i].origin);
		if (cases[i].want == NULL)
			assert_null(ref);
		else
			assert_string_equal(ref, cases[i].want);
		free(ref);
	}
}

static void choose_refuses(void **state)
{
	const char *const bad[] = {"", "file:", "a\nb"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dn_err err = {0};
		enum dn_origin origin;
		char *ref = NULL;

		assert_int_equal(dn_choose(DN_COMMAND_STEP, bad[i], NULL, "/", &ref, &origin, &err), -1);
		assert_int_equal(err.code, DN_REQUEST);
		assert_null(ref);
	}
}

struct applied {
	char text[256];
};

static int record_set(const char *name, const char *value, void *ctx)
{
	struct applied *a = ctx;

	strcat(strcat(strcat(strcat(a->text, name), "="), value), ";");
	return 0;
}

static int record_unset(const char *name, void *ctx)
{
	struct applied *a = ctx;

	strcat(strcat(strcat(a->text, "-"), name), ";");
	return 0;
}

static void environment_changes(void **state)
{
	char *before[] = {(char[]){"PATH=/bin"}, (char[]){"KEEP=1"}, (char[]){"GONE=x"}, (char[]){"SLURM_PROCID=3"},
			  (char[]){"PWD=/a"}, NULL};
	char *after[] = {(char[]){"PATH=/opt/bin:/bin"}, (char[]){"KEEP=1"}, (char[]){"NEW=a=b"}, (char[]){"PMI_FD=9"},
			 (char[]){"SLURM_PROCID=0"}, (char[]){"SHLVL=1"}, NULL};
	struct applied got = {""};
	struct dn_err err = {0};
	char *list = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(dn_env_changes(before, after, DN_ENV_FOR_NODE, &list, &len, &err), 0);
	assert_int_equal(dn_env_apply(list, len, record_set, record_unset, &got), 0);
	assert_string_equal(got.text, "PATH=/opt/bin:/bin;NEW=a=b;-GONE;");
	free(list);
}

static void environment_shared(void **state)
{
	char *env[] = {(char[]){"A=1"}, (char[]){"PMI_RANK=0"}, (char[]){"OMPI_COMM_WORLD_RANK=1"}, (char[]){"=bad"},
		       (char[]){"noequals"}, (char[]){"SLURM_JOB_ID=1"}, NULL};
	char **out = dn_env_visible(env, DN_ENV_FOR_NODE);

	(void)state;
	assert_non_null(out);
	assert_string_equal(out[0], "A=1");
	assert_string_equal(out[1], "SLURM_JOB_ID=1");
	assert_null(out[2]);
	free(out);
}

static void environment_for_one_rank(void **state)
{
	char *before[] = {(char[]){"SLURM_LOCALID=1"}, (char[]){"PMI_FD=9"}, (char[]){"PWD=/"}, NULL};
	char *after[] = {(char[]){"SLURM_LOCALID=1"}, (char[]){"CUDA_VISIBLE_DEVICES=1"}, (char[]){"PMI_FD=0"},
			 (char[]){"PWD=/x"}, NULL};
	char **seen = dn_env_visible(before, DN_ENV_FOR_RANK);
	struct applied got = {""};
	struct dn_err err = {0};
	char *list = NULL;
	size_t len = 0;

	(void)state;
	assert_string_equal(seen[0], "SLURM_LOCALID=1");
	assert_string_equal(seen[1], "PMI_FD=9");
	assert_null(seen[2]);
	free(seen);
	assert_int_equal(dn_env_changes(before, after, DN_ENV_FOR_RANK, &list, &len, &err), 0);
	assert_int_equal(dn_env_apply(list, len, record_set, record_unset, &got), 0);
	assert_string_equal(got.text, "CUDA_VISIBLE_DEVICES=1;");
	free(list);
}

static void scripts_of_one_rank_are_found(void **state)
{
	(void)state;
	assert_true(dn_env_mentions_rank("export GPU=$SLURM_LOCALID\n"));
	assert_true(dn_env_mentions_rank("x=${PMIX_RANK:-0}"));
	assert_false(dn_env_mentions_rank("export PATH=/opt/bin:$PATH SLURM_JOB=$SLURM_JOB_ID\n"));
}

static struct dn_plan small_plan(void)
{
	return (struct dn_plan){.driver = DN_DRIVER_FUSE,
				.source = DN_SOURCE_REQUEST,
				.fs_offset = 4096,
				.fs_size = 4096,
				.workdir = (char *)(uintptr_t) "/w",
				.decision = (char *)(uintptr_t) "allowed"};
}

/* A rank other than the builder: 0 when it got the posted descriptor and plan. */
static int joining_rank(const struct dn_session *s, ino_t want, bool uts)
{
	struct dn_err err = {0};
	struct dn_place place = {-1};
	struct dn_reply plan = {0};
	enum dn_turn turn = DN_TURN_BUILD;
	struct stat st;
	struct dn_spaces spaces;

	if (dn_session_enter(s, &place, 10, &turn, &spaces, &plan, &err) < 0 || turn != DN_TURN_READY)
		return 1;
	if ((spaces.uts >= 0) != uts || spaces.net >= 0 || spaces.ipc >= 0)
		return 3;
	if (fstat(uts ? spaces.uts : spaces.mnt, &st) < 0 || st.st_ino != want || strcmp(plan.u.plan.workdir, "/w") != 0)
		return 2;
	dn_reply_free(&plan);
	dn_spaces_close(&spaces);
	close(place.lock);
	return 0;
}

static void serve_many(bool uts)
{
	enum { RANKS = 24 };
	struct dn_err err = {0};
	struct dn_session s;
	struct dn_place place = {-1};
	struct dn_reply ignored = {0};
	struct dn_plan plan = small_plan();
	enum dn_turn turn = DN_TURN_READY;
	struct stat st;
	pid_t pid[RANKS];
	int ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int name = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	struct dn_spaces spaces, posted = {.mnt = ns, .net = -1, .ipc = -1, .uts = uts ? name : -1};

	assert_int_equal(fstat(uts ? name : ns, &st), 0);
	assert_int_equal(dn_session_open(&s, &err), 0);
	assert_int_equal(dn_session_enter(&s, &place, 10, &turn, &spaces, &ignored, &err), 0);
	assert_int_equal(turn, DN_TURN_BUILD);
	for (int i = 0; i < RANKS; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0)
			_exit(joining_rank(&s, st.st_ino, uts));
	}
	usleep(100000); /* ranks wait while the builder works */
	assert_int_equal(dn_session_post(&s, &place, &posted, &plan, &err), 0);
	for (int i = 0; i < RANKS; i++) {
		int status = -1;

		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(joining_rank(&s, st.st_ino, uts), 0);
	close(place.lock);
	close(ns);
	close(name);
	dn_session_close(&s);
}

static void session_serves_many(void **state)
{
	(void)state;
	serve_many(false);
	serve_many(true);
}

static void session_survives_dead_builder(void **state)
{
	struct dn_err err = {0};
	struct dn_session s;
	struct dn_place place = {-1};
	struct dn_reply plan = {0};
	enum dn_turn turn = DN_TURN_READY;
	struct dn_spaces spaces;
	int status, ready[2];
	char byte;
	pid_t builder;

	(void)state;
	assert_int_equal(dn_session_open(&s, &err), 0);
	assert_int_equal(pipe(ready), 0);
	builder = fork();
	assert_true(builder >= 0);
	if (builder == 0) {
		if (dn_session_enter(&s, &place, 10, &turn, &spaces, &plan, &err) < 0 || turn != DN_TURN_BUILD ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(builder, SIGKILL);
	waitpid(builder, &status, 0);
	assert_int_equal(dn_session_enter(&s, &place, 10, &turn, &spaces, &plan, &err), 0);
	assert_int_equal(turn, DN_TURN_BUILD);
	assert_int_equal(dn_session_post_refusal(&s, &place, &err), 0);
	close(place.lock);
	assert_int_equal(dn_session_enter(&s, &place, 10, &turn, &spaces, &plan, &err), 0);
	assert_int_equal(turn, DN_TURN_REFUSED);
	close(place.lock);
	close(ready[0]);
	close(ready[1]);
	dn_session_close(&s);
}

static void session_waits_no_longer_than_told(void **state)
{
	struct dn_err err = {0};
	struct dn_session s;
	struct dn_place holder = {-1}, waiter = {-1};
	struct dn_reply plan = {0};
	struct dn_spaces spaces;
	enum dn_turn turn;

	(void)state;
	assert_int_equal(dn_session_open(&s, &err), 0);
	assert_int_equal(dn_session_enter(&s, &holder, 10, &turn, &spaces, &plan, &err), 0);
	assert_int_equal(dn_session_enter(&s, &waiter, 1, &turn, &spaces, &plan, &err), -1);
	assert_int_equal(err.code, DN_SETUP);
	assert_non_null(strstr(err.msg, "timeout="));
	close(holder.lock);
	close(waiter.lock);
	dn_session_close(&s);
}

/* Slurm's signal is held back until the program runs. Who builds tells the user. */
static void a_cancelled_rank_does_not_wait(void **state)
{
	const struct timespec none = {0};
	struct dn_err err = {0};
	struct dn_session s;
	struct dn_place holder = {-1}, waiter = {-1};
	struct dn_reply plan = {0};
	struct dn_spaces spaces;
	enum dn_turn turn;
	sigset_t held;

	(void)state;
	assert_int_equal(dn_session_open(&s, &err), 0);
	assert_int_equal(dn_session_enter(&s, &holder, 10, &turn, &spaces, &plan, &err), 0);
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &held, NULL), 0);
	assert_int_equal(raise(SIGTERM), 0);
	alarm(10);
	assert_int_equal(dn_session_enter(&s, &waiter, 60, &turn, &spaces, &plan, &err), 0);
	assert_int_equal(turn, DN_TURN_REFUSED);
	alarm(0);
	assert_int_equal(sigtimedwait(&held, NULL, &none), SIGTERM);
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &held, NULL), 0);
	close(holder.lock);
	close(waiter.lock);
	dn_session_close(&s);
}

static void session_environment(void **state)
{
	struct dn_err err = {0};
	struct dn_session s;
	enum dn_environment got;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(dn_session_open(&s, &err), 0);
	assert_int_equal(dn_session_load_environment(&s, &got, &text, &len, &err), 0);
	assert_int_equal(got, DN_ENVIRONMENT_MISSING);
	assert_int_equal(dn_session_store_environment(&s, DN_ENVIRONMENT_READY, "A=1\0B\0", 6, &err), 0);
	assert_int_equal(dn_session_load_environment(&s, &got, &text, &len, &err), 0);
	assert_int_equal(got, DN_ENVIRONMENT_READY);
	assert_int_equal(len, 6);
	assert_memory_equal(text, "A=1\0B\0", 6);
	free(text);
	assert_int_equal(dn_session_store_environment(&s, DN_ENVIRONMENT_FAILED, "", 0, &err), 0);
	assert_int_equal(dn_session_load_environment(&s, &got, &text, &len, &err), 0);
	assert_int_equal(got, DN_ENVIRONMENT_FAILED);
	free(text);
	dn_session_close(&s);
}

static void site_from_arguments(void **state)
{
	struct dn_err err = {0};
	struct dn_site site;
	char *good[] = {(char[]){"agent_user=nobody"}, (char[]){"one_shot=no"}, (char[]){"timeout=5"},
			(char[]){"java=/opt/j/bin/java"}};

	(void)state;
	assert_int_equal(dn_site_load(&site, "/opt/dn/lib/dunnage/spank_dunnage.so", 4, good, &err), 0);
	assert_string_equal(site.prefix, "/opt/dn");
	assert_string_equal(site.java, "/opt/j/bin/java");
	assert_string_equal(site.agent_socket, "/run/dunnage/agent.sock");
	assert_false(site.one_shot);
	assert_int_equal(site.timeout, 5);
	assert_int_not_equal(site.agent_uid, 0);
	dn_site_free(&site);
}

static void site_refuses(void **state)
{
	const struct {
		const char *arg, *says;
	} cases[] = {
		{"agent_user=root", "unprivileged"},	   {"agent_user=no-such-account-x", "does not exist"},
		{"memory=all", "memory=all: give slurm"}, {"processors=2", "processors=2: give slurm"},
		{"one_shot=maybe", "yes or no"},	   {"timeout=0", "1 to 86400"},
		{"timeout=-1", "1 to 86400"},		   {"timeout=12x", "1 to 86400"},
		{"java=java", "absolute"},		   {"jave=/usr/bin/java", "does not know"},
		{"agent_socket", "absolute"},		   {"submit_check=yes", "no, warn or refuse"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dn_err err = {0};
		struct dn_site site;
		char *args[] = {strdup(cases[i].arg)};

		assert_int_equal(dn_site_load(&site, "/opt/x.so", 1, args, &err), -1);
		assert_int_equal(err.code, DN_CONFIG);
		assert_non_null(strstr(err.msg, cases[i].says));
		dn_site_free(&site);
		free(args[0]);
	}
}

static void mpi_asked(void **state)
{
	static const char joined[] = "srun\0-n2\0--mpi=pmix_v4\0app", apart[] = "srun\0--mpi\0pmi2\0app", cut[] = "srun\0--mpi";
	static const char none[] = "srun\0app";

	(void)state;
	assert_string_equal(dn_mpi_asked(joined, sizeof(joined)), "pmix_v4");
	assert_string_equal(dn_mpi_asked(apart, sizeof(apart)), "pmi2");
	assert_null(dn_mpi_asked(cut, sizeof(cut)));
	assert_null(dn_mpi_asked(none, sizeof(none)));
	assert_null(dn_mpi_asked(none, 0));
	assert_true(dn_mpi_is_pmix("pmix") && dn_mpi_is_pmix("pmix_v4"));
	assert_false(dn_mpi_is_pmix(NULL) || dn_mpi_is_pmix("pmi2") || dn_mpi_is_pmix(""));
}

static void multi_prog(void **state)
{
	static const char yes[] = "srun\0-n2\0--multi-prog\0file", shortened[] = "srun\0--mul\0file";
	static const char no[] = "srun\0-n2\0--mpi=pmix\0--m\0--multi-program\0app", none[] = "";

	(void)state;
	assert_true(dn_is_multi_prog(yes, sizeof(yes)));
	assert_true(dn_is_multi_prog(shortened, sizeof(shortened)));
	assert_false(dn_is_multi_prog(no, sizeof(no)));
	assert_false(dn_is_multi_prog(none, 0));
}

static void heterogeneous_components_share_an_image(void **state)
{
	static const struct {
		const char *words;
		size_t len;
		bool same;
	} cases[] = {
#define CASE(words, same) {words, sizeof(words) - 1, same}
		CASE("srun\0-n1\0a\0:\0b\0", true),
		CASE("srun\0--container=x\0a\0:\0--container\0x\0b\0", true),
		CASE("srun\0--container=x\0a\0:\0--container=y\0b\0", false),
		CASE("srun\0--container=x\0a\0:\0b\0", false),
		CASE("srun\0a\0:\0--container=x\0b\0", false),
		CASE("srun\0--container=x\0--het-group=0,1\0a\0", true),
		CASE("srun\0--container-mounts=/a:/b\0a\0:\0b\0", true),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(dn_same_image_for_all(cases[i].words, cases[i].len), cases[i].same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(multi_prog), cmocka_unit_test(mpi_asked),
		cmocka_unit_test(heterogeneous_components_share_an_image),
		cmocka_unit_test(choose_table),
		cmocka_unit_test(choose_refuses),
		cmocka_unit_test(environment_changes),
		cmocka_unit_test(environment_shared),
		cmocka_unit_test(environment_for_one_rank),
		cmocka_unit_test(scripts_of_one_rank_are_found),
		cmocka_unit_test(session_serves_many),
		cmocka_unit_test(session_survives_dead_builder),
		cmocka_unit_test(session_waits_no_longer_than_told), cmocka_unit_test(a_cancelled_rank_does_not_wait),
		cmocka_unit_test(session_environment),
		cmocka_unit_test(site_from_arguments),
		cmocka_unit_test(site_refuses),
	};

	return cmocka_run_group_tests_name("spank bridge", tests, NULL, NULL);
}
