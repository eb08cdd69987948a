/* xhello: says hello to the X display that DISPLAY names (localhost:N), with the cookie of the user's Xauthority, and prints
 * the server's vendor. Static, so that it runs in any image. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COOKIE "MIT-MAGIC-COOKIE-1"

static int die(const char *what)
{
	fprintf(stderr, "xhello: %s\n", what);
	return 1;
}

/* A counted text of the Xauthority file. */
static int text(FILE *f, char *to, size_t room)
{
	int high = getc(f), low = getc(f), len = high << 8 | low;

	if (high < 0 || low < 0 || (size_t)len >= room || fread(to, 1, (size_t)len, f) != (size_t)len)
		return -1;
	to[len] = 0;
	return len;
}

/* The display's cookie, or -1. */
static int cookie(const char *display, char *data, size_t room)
{
	char path[4096], address[256], number[256], name[256];
	const char *named = getenv("XAUTHORITY"), *home = getenv("HOME");
	int len = -1;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", named ? named : home ? home : "", named ? "" : "/.Xauthority");
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (getc(f) >= 0 && getc(f) >= 0) {
		if (text(f, address, sizeof(address)) < 0 || text(f, number, sizeof(number)) < 0 || text(f, name, sizeof(name)) < 0)
			break;
		len = text(f, data, room);
		if (!strcmp(number, display) && !strcmp(name, COOKIE))
			break;
		len = -1;
	}
	fclose(f);
	return len;
}

static int read_all(int fd, unsigned char *to, size_t len)
{
	while (len) {
		ssize_t n = read(fd, to, len);

		if (n <= 0)
			return -1;
		to += n;
		len -= (size_t)n;
	}
	return 0;
}

int main(void)
{
	const char *display = getenv("DISPLAY");
	unsigned char hello[12 + 20 + 256] = { 'l', 0, 11, 0, 0, 0, sizeof(COOKIE) - 1, 0 }, reply[65536];
	char data[256], number[16];
	struct sockaddr_in to = { .sin_family = AF_INET };
	unsigned n, vendor;
	int fd, len;

	if (!display || sscanf(display, "localhost:%u", &n) != 1)
		return die("DISPLAY is no display of localhost");
	snprintf(number, sizeof(number), "%u", n);
	len = cookie(number, data, sizeof(data));
	if (len < 0)
		return die("no cookie for this display");
	hello[8] = (unsigned char)len;
	memcpy(hello + 12, COOKIE, sizeof(COOKIE) - 1);
	memcpy(hello + 12 + 20, data, (size_t)len);
	to.sin_port = htons((unsigned short)(6000 + n));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return die("nobody listens for this display");
	len = 12 + 20 + (len + 3) / 4 * 4;
	if (write(fd, hello, (size_t)len) != len || read_all(fd, reply, 8) || reply[0] != 1)
		return die("the display refuses us");
	len = (reply[6] | reply[7] << 8) * 4;
	if (len < 40 || (size_t)len > sizeof(reply) - 8 || read_all(fd, reply + 8, (size_t)len))
		return die("the display's answer is cut");
	vendor = reply[24] | (unsigned)reply[25] << 8;
	printf("display of %.*s\n", (int)vendor, (char *)reply + 40);
	close(fd);
	return 0;
}
