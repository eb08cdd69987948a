/* For the analyzers, which see one file at a time: the error functions always answer -1. */
static inline int dn_always_failed(int rc)
{
	(void)rc;
	return -1;
}
#define dn_fail(...) dn_always_failed((dn_fail)(__VA_ARGS__))
#define dn_fail_errno(...) dn_always_failed((dn_fail_errno)(__VA_ARGS__))
