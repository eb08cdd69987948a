/* Asking the one-shot launcher for a plan. A shell script plays the JVM. */
#include "ask_bed.h"

static void oneshot_says(struct bed *b, const char *body, const char *want)
{
	struct dn_plan plan;
	struct dn_err err;
	char text[1024], notice[1024];

	snprintf(text, sizeof(text), "echo \"%s\" >&2; cat $(dirname $0)/answer", body);
	script(b, text);
	if (dn_ask(&b->site, &b->req, b->image, &plan, &err))
		fail_msg("refused %d: %s", err.code, err.msg);
	assert_int_equal(plan.notices.n, 1);
	snprintf(notice, sizeof(notice), "one-shot launcher: %s", want);
	assert_string_equal(plan.notices.v[0], notice);
	dn_plan_free(&plan);
}

static void oneshot_process_is_clean(void **state)
{
	struct bed *b = *state;
	int leak = open("/dev/null", O_RDONLY); /* not close-on-exec, on purpose */
	char want[512];

	assert_int_equal(setenv("JAVA_TOOL_OPTIONS", "-bad", 1), 0);
	oneshot_says(b, "[0.001s][error][cds] Not a valid archive\nthis", "this");
	oneshot_says(b, "$(id -u) $(id -g) $(id -G) $(pwd) $(umask) $(ulimit -c)", "65534 65534 65534 / 0077 0");
	/* 3 is the directory that ls reads. */
	oneshot_says(b, "$(ls /proc/self/fd | tr '\\n' ' ')", "0 1 2 3 ");
	oneshot_says(b, "$(env | grep -v ^_= | grep -v ^PWD= | sort | tr '\\n' ' ')",
		     "HOME=/nonexistent LANG=C.UTF-8 PATH=/usr/bin:/bin ");
	/* 32 and 33 are the C library's own; posix_spawn of the program that started us may have left them ignored. */
	oneshot_says(b, "$(grep -E 'CapPrm|CapBnd|NoNewPrivs|SigBlk|SigIgn' /proc/self/status | tr -d '\\n\\t' | sed s/180000000Cap/000000000Cap/)",
		     "SigBlk:0000000000000000SigIgn:0000000000000000CapPrm:0000000000000000CapBnd:0000000000000000NoNewPrivs:1");
	oneshot_says(b, "$(head -n 1)", "image");
	snprintf(want, sizeof(want),
		 "-XX:+UseSerialGC -XX:-UsePerfData -XX:+DisplayVMOutputToStderr -Xlog:disable -Xlog:all=error:stderr "
		 "-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -Xmx256m "
		 "-Dorg.bouncycastle.rsa.max_mr_tests=0 -cp %s/lib/java/* "
		 "dev.dunnage.launcher.oneshot.OneShot --policy /the/policy.yaml --store /the/store",
		 b->dir);
	/* a notice has one line of 511 bytes at most */
	oneshot_says(b, "$(echo \"$*\" | sed 's/ -XX:Tier[^ ]*//g')", want);
	oneshot_says(b, "$(echo \"$*\" | grep -o 'Tier[^ ]*' | tr '\\n' ' ')",
		     "Tier3InvocationThreshold=2000 Tier3MinInvocationThreshold=1000 Tier3CompileThreshold=4000 "
		     "Tier4InvocationThreshold=50000 Tier4MinInvocationThreshold=30000 Tier4CompileThreshold=90000 ");
	close(leak);
}

static void archive_is_used_when_there(void **state)
{
	struct bed *b = *state;
	char path[128], want[512];

	snprintf(path, sizeof(path), "%s/lib", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/lib/dunnage", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/lib/dunnage/oneshot.jsa", b->dir);
	write_file(path, "x", 1, 0644);
	snprintf(want, sizeof(want), "-XX:SharedArchiveFile=%s", path);
	oneshot_says(b, "${17}", want);
	snprintf(path, sizeof(path), "%s/lib/dunnage/oneshot.aot", b->dir);
	write_file(path, "x", 1, 0644);
	snprintf(want, sizeof(want), "-XX:AOTCache=%s", path);
	oneshot_says(b, "${17}", want);
	oneshot_says(b, "$(printf '%s\\n' $* | grep -c -e jsa -e aot)", "1");
}

static void jars_stand_in_front_in_the_order_of_their_names(void **state)
{
	static const char *const names[] = { "b-1.jar", "a-2.jar", "a-1.jar", "none.txt" };
	struct bed *b = *state;
	char path[128], want[1024];
	size_t i;

	snprintf(path, sizeof(path), "%s/lib", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/lib/java", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/lib/java/%s", b->dir, names[i]);
		write_file(path, "x", 1, 0644);
	}
	snprintf(path, sizeof(path), "%s/lib/java", b->dir);
	snprintf(want, sizeof(want), "-Xbootclasspath/a:%s/a-1.jar:%s/a-2.jar:%s/b-1.jar -cp %s/*", path, path, path, path);
	oneshot_says(b, "${17} ${18} ${19}", want);
}

static void oneshot_without_answer(void **state)
{
	struct bed *b = *state;

	script(b, "echo '[0.1s][warning][cds] stale archive' >&2; echo 'Error: no main class' >&2; exit 3");
	fails(b, DN_UNAVAILABLE, "gave no answer (exit status 3): Error: no main class");
	script(b, "exit 0");
	fails(b, DN_UNAVAILABLE, "it said nothing");
	script(b, "kill -9 $$");
	fails(b, DN_UNAVAILABLE, "ended by signal 9");
	script(b, "head -c 20 $(dirname $0)/answer; echo 'java.lang.OutOfMemoryError' >&2");
	fails(b, DN_UNAVAILABLE, "java.lang.OutOfMemoryError");
	script(b, "echo 'hello on the wrong descriptor, long enough'");
	fails(b, DN_INTERNAL, "the one-shot launcher: ");
	unlink(b->java);
	fails(b, DN_UNAVAILABLE, "install a Java 17 runtime");
}

/* The JVM takes our options, and what it says about the rest is not lost. */
static void real_jvm_without_classes(void **state)
{
	struct bed *b = *state;

	if (access("/usr/bin/java", X_OK)) {
		puts("SKIPPED: /usr/bin/java is missing, its options are not tested");
		skip();
	}
	b->site.java = "/usr/bin/java";
	b->site.timeout = 60;
	fails(b, DN_UNAVAILABLE, "Could not find or load main class dev.dunnage.launcher.oneshot.OneShot");
}

static void oneshot_time_limit(void **state)
{
	struct bed *b = *state;
	time_t start = time(NULL);

	b->site.timeout = 1;
	script(b, "exec sleep 60");
	fails(b, DN_UNAVAILABLE, "no answer within the time limit");
	assert_true(time(NULL) - start <= 3);
}

static void oneshot_never_root(void **state)
{
	struct bed *b = *state;

	b->site.agent_uid = 0;
	fails(b, DN_CONFIG, "never runs as root");
}

static void ignored_sigchld(void **state)
{
	struct sigaction ign = { .sa_handler = SIG_IGN }, after;

	assert_int_equal(sigaction(SIGCHLD, &ign, NULL), 0);
	script(*state, "cat $(dirname $0)/answer");
	asks(*state, "by one-shot");
	assert_int_equal(sigaction(SIGCHLD, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, SIG_IGN);
	ign.sa_handler = SIG_DFL;
	assert_int_equal(sigaction(SIGCHLD, &ign, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(oneshot_process_is_clean),
		T(archive_is_used_when_there),
		T(oneshot_without_answer),
		T(jars_stand_in_front_in_the_order_of_their_names),
		T(oneshot_time_limit),
		T(real_jvm_without_classes),
		T(oneshot_never_root),
		T(ignored_sigchld),
	};

	return run_asking("ask the one-shot launcher", tests, sizeof(tests) / sizeof(tests[0]));
}
