/* impostor SOCKET [HOW]: answers every connection in the agent's place, whoever asks.
 *   refusal  like an agent that refuses (what it does by itself): under a foreign account nobody may believe it
 *   garbage  bytes that are no frame        half   the first half of a frame, then the end
 *   huge     a frame of 4 GiB               close  nothing, and the end        silent  nothing, for ever */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static size_t put(uint8_t *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> (8 * i));
	return bytes;
}

/* a REFUSAL frame as WIRE.md describes it */
static size_t refusal(uint8_t *out, const char *text)
{
	size_t len = strlen(text), n = 0;

	n += put(out + n, 12 + 8 + len, 4);
	n += put(out + n, 1, 2);
	n += put(out + n, 0, 2);
	n += put(out + n, 3, 2);
	n += put(out + n, 0, 2);
	n += put(out + n, 0x0301, 2);
	n += put(out + n, 0, 2);
	n += put(out + n, 4, 4);
	n += put(out + n, 1, 4);
	n += put(out + n, 0x0302, 2);
	n += put(out + n, 0, 2);
	n += put(out + n, len, 4);
	memcpy(out + n, text, len);
	return n + len;
}

static void answer(int c, const char *how, const uint8_t *frame, size_t len)
{
	static const uint8_t garbage[64] = "HTTP/1.1 200 OK\r\n\r\n";
	static const uint8_t huge[12] = {0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 2, 0, 0, 0};
	ssize_t n = 0;

	if (!strcmp(how, "silent"))
		return;
	if (!strcmp(how, "refusal"))
		n = write(c, frame, len);
	else if (!strcmp(how, "half"))
		n = write(c, frame, len / 2);
	else if (!strcmp(how, "garbage"))
		n = write(c, garbage, sizeof(garbage));
	else if (!strcmp(how, "huge"))
		n = write(c, huge, sizeof(huge));
	if (n < 0)
		perror("impostor");
	close(c);
}

int main(int argc, char **argv)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	uint8_t frame[256], sink[4096];
	size_t len = refusal(frame, "the impostor was believed");
	const char *how = argc > 2 ? argv[2] : "refusal";
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc < 2 || strlen(argv[1]) >= sizeof(sa.sun_path) || s < 0)
		return 2;
	/* whoever does not believe us hangs up before the answer */
	signal(SIGPIPE, SIG_IGN);
	strcpy(sa.sun_path, argv[1]);
	if (bind(s, (struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(argv[1], 0666) < 0 || listen(s, 8) < 0) {
		perror("impostor");
		return 1;
	}
	for (;;) {
		int c = accept(s, NULL, NULL);

		if (c < 0)
			continue;
		printf("connection\n");
		fflush(stdout);
		/* the answer does not depend on the question */
		if (read(c, sink, sizeof(sink)) >= 0)
			answer(c, how, frame, len);
		else
			close(c);
	}
}
