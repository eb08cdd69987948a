/* A network namespace of the step's own: nothing but a loopback device, which is up. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

static int loopback_up(struct dn_err *err)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;
	struct ifreq req;

	if (s < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a socket for the loopback device");
	memset(&req, 0, sizeof(req));
	memcpy(req.ifr_name, "lo", 3);
	if (ioctl(s, SIOCGIFFLAGS, &req) == 0) {
		req.ifr_flags = (short)(req.ifr_flags | IFF_UP);
		if (ioctl(s, SIOCSIFFLAGS, &req))
			rc = dn_fail_errno(err, DN_SETUP, errno, "cannot turn on the loopback device");
	} else {
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot find the loopback device");
	}
	close(s);
	return rc;
}

int dn_network_make(int *net_fd, struct dn_err *err)
{
	if (unshare(CLONE_NEWNET))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a network namespace");
	if (loopback_up(err))
		return -1;
	*net_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*net_fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the new network namespace; is /proc mounted?");
	return 0;
}
