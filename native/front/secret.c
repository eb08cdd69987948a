/* Passphrases of encrypted images: never on a command line, never in the container. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "program.h"
#include "secret.h"

#define LONGEST 2048 /* gocryptfs takes no more */
#define UNWRAP_MS 600000

extern char **environ;

static volatile sig_atomic_t caught;

void dn_secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

static int check(const char *secret, ssize_t n, const char *from, struct dn_err *err)
{
	if (n < 0)
		return dn_fail_errno(err, DN_REQUEST, errno, "the passphrase cannot be read from %s", from);
	if (n > LONGEST || strlen(secret) != (size_t)n)
		return dn_fail(err, DN_REQUEST, "the passphrase from %s is longer than %d bytes or has a NUL byte", from, LONGEST);
	return n ? 0 : dn_fail(err, DN_REQUEST, "the passphrase from %s is empty", from);
}

/* One byte at a time: what follows the line is the program's. */
static ssize_t read_line(int fd, char *line)
{
	ssize_t n = 0, got;

	while (n <= LONGEST) {
		got = read(fd, line + n, 1);
		if (got < 0 && errno == EINTR && !caught)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 || line[n] == '\n')
			break;
		n++;
	}
	line[n] = 0;
	return n;
}

static int from_descriptor(int fd, char *secret, struct dn_err *err)
{
	char from[40];
	ssize_t n = read_line(fd, secret);

	(void)snprintf(from, sizeof(from), "descriptor %d", fd);
	if (fd > STDERR_FILENO)
		close(fd); /* not for the container */
	return check(secret, n, from, err);
}

static void note(int sig)
{
	caught = sig;
}

/* Asks with the echo off, which no signal may leave so. */
static int ask(int tty, const char *image, char *secret)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	const size_t nsignals = sizeof(signals) / sizeof(signals[0]);
	struct sigaction now = { .sa_handler = note }, before[sizeof(signals) / sizeof(signals[0])];
	struct termios shown, hidden;
	ssize_t n = -1;
	size_t i;

	if (tcgetattr(tty, &shown))
		return -1;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	hidden.c_lflag |= ECHONL;
	for (i = 0; i < nsignals; i++)
		(void)sigaction(signals[i], &now, &before[i]);
	if (tcsetattr(tty, TCSAFLUSH, &hidden) == 0) {
		(void)dprintf(tty, "Passphrase of %s: ", image);
		n = read_line(tty, secret);
		(void)tcsetattr(tty, TCSAFLUSH, &shown);
	}
	for (i = 0; i < nsignals; i++)
		(void)sigaction(signals[i], &before[i], NULL);
	if (caught)
		(void)raise(caught);
	return (int)n;
}

static int from_terminal(const char *image, char *secret, struct dn_err *err)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), n;

	if (tty < 0)
		return dn_fail(err, DN_REQUEST, "--passphrase: there is no terminal to ask on; use --passphrase-fd");
	n = ask(tty, image, secret);
	close(tty);
	return check(secret, n, "the terminal", err);
}

static int unwrapped(const char *pem, int status, int messages, char *secret, ssize_t n, struct dn_err *err)
{
	char said[512];
	ssize_t len = pread(messages, said, sizeof(said) - 1, 0);
	const char *words = said;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return check(secret, n, "the image's key object", err);
	said[len > 0 ? len : 0] = 0;
	said[strcspn(said, "\n")] = 0;
	if (strncmp(words, "dunnage: ", 9) == 0)
		words += 9;
	return dn_fail(err, DN_REQUEST, "--pem-path %s: %s", pem, *words ? words : "the key could not be used");
}

static ssize_t read_all(int fd, char *secret)
{
	ssize_t n = 0, got;

	while (n <= LONGEST) {
		got = read(fd, secret + n, (size_t)(LONGEST + 1 - n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += got;
	}
	secret[n] = 0;
	return n;
}

/* Java knows keys: it takes the image as descriptor 3, and answers on 4. */
static int unwrap(const struct dn_wishes *w, const char *pem, char *path, int image_fd, const int answer[2], int messages,
		  char *secret, struct dn_err *err)
{
	char *argv[10] = { path, (char *)"unwrap-key", (char *)"--pem-path", (char *)(uintptr_t)pem, (char *)"--output-fd",
			   (char *)"4" };
	struct dn_program java = { .path = path, .argv = argv, .env = environ, .nfds = 5 };
	size_t n = 6;
	ssize_t len;
	int status, rc;
	pid_t pid;

	memcpy(java.fds, (int[]){ STDIN_FILENO, STDOUT_FILENO, messages, image_fd, answer[1] }, 5 * sizeof(int));
	if (w->passphrase_fd >= 0) {
		java.fds[java.nfds++] = w->passphrase_fd;
		argv[n++] = (char *)"--passphrase-fd";
		argv[n++] = (char *)"5";
	}
	argv[n++] = (char *)"/proc/self/fd/3";
	rc = dn_program_start(&java, &pid, err);
	close(answer[1]);
	if (rc)
		return -1;
	len = read_all(answer[0], secret);
	if (dn_program_end(pid, false, dn_now_ms() + UNWRAP_MS, &status, err))
		return -1;
	if (w->passphrase_fd > STDERR_FILENO)
		close(w->passphrase_fd);
	return unwrapped(pem, status, messages, secret, len, err);
}

static int from_key(const struct dn_wishes *w, const char *pem, const struct dn_site *site, int image_fd, char *secret,
		    struct dn_err *err)
{
	char *path = dn_text("%s/libexec/dunnage/dunnage-java", site->prefix);
	int messages = memfd_create("messages", MFD_CLOEXEC), answer[2], rc;

	if (messages < 0 || pipe2(answer, O_CLOEXEC)) {
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot make a pipe");
	} else {
		rc = unwrap(w, pem, path, image_fd, answer, messages, secret, err);
		close(answer[0]);
	}
	if (messages >= 0)
		close(messages);
	free(path);
	return rc;
}

static int from_variable(const char *value, char *secret, struct dn_err *err)
{
	(void)snprintf(secret, LONGEST + 2, "%s", value);
	return check(secret, (ssize_t)strlen(secret), "*_ENCRYPTION_PASSPHRASE", err);
}

static int get(const struct dn_wishes *w, const struct dn_site *site, int image_fd, char *secret, struct dn_err *err)
{
	const char *variable = dn_option_variable("ENCRYPTION_PASSPHRASE");
	const char *pem = w->pem_path ? w->pem_path : dn_option_variable("ENCRYPTION_PEM_PATH");

	if (w->pem_path)
		return from_key(w, w->pem_path, site, image_fd, secret, err);
	if (w->passphrase_fd >= 0)
		return from_descriptor(w->passphrase_fd, secret, err);
	if (w->ask_passphrase)
		return from_terminal(w->image, secret, err);
	if (pem)
		return from_key(w, pem, site, image_fd, secret, err);
	if (variable)
		return from_variable(variable, secret, err);
	return dn_fail(err, DN_REQUEST,
		       "image %s is encrypted; give --passphrase or --passphrase-fd N, or --pem-path FILE with the RSA key that it "
		       "was made for (dunnage inspect tells which)",
		       w->image);
}

int dn_secret_get(const struct dn_wishes *w, const struct dn_site *site, int image_fd, char **secret, struct dn_err *err)
{
	int rc;

	*secret = calloc(1, LONGEST + 2);
	if (!*secret)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	rc = get(w, site, image_fd, *secret, err);
	if (rc) {
		dn_secret_free(*secret);
		*secret = NULL;
	}
	return rc;
}
