/* vectors [SECONDS]: adds two vectors on every GPU of NVIDIA and checks the sums, by the driver's interface alone, which it looks for as
 * programs of images do: libcuda.so.1 by the loader. With SECONDS it then keeps the GPU for so long. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { COUNT = 1 << 20 };

static const char kernel[] =
	".version 7.0\n.target sm_50\n.address_size 64\n"
	".visible .entry add(.param .u64 a, .param .u64 b, .param .u64 c, .param .u32 n)\n{\n"
	".reg .pred %p<2>; .reg .b32 %r<6>; .reg .f32 %f<4>; .reg .b64 %rd<11>;\n"
	"ld.param.u64 %rd1, [a]; ld.param.u64 %rd2, [b]; ld.param.u64 %rd3, [c]; ld.param.u32 %r2, [n];\n"
	"mov.u32 %r3, %ntid.x; mov.u32 %r4, %ctaid.x; mov.u32 %r5, %tid.x; mad.lo.s32 %r1, %r3, %r4, %r5;\n"
	"setp.ge.u32 %p1, %r1, %r2; @%p1 bra DONE;\n"
	"cvta.to.global.u64 %rd4, %rd1; mul.wide.u32 %rd5, %r1, 4; add.s64 %rd6, %rd4, %rd5;\n"
	"cvta.to.global.u64 %rd7, %rd2; add.s64 %rd8, %rd7, %rd5;\n"
	"cvta.to.global.u64 %rd9, %rd3; add.s64 %rd10, %rd9, %rd5;\n"
	"ld.global.f32 %f1, [%rd6]; ld.global.f32 %f2, [%rd8]; add.f32 %f3, %f1, %f2; st.global.f32 [%rd10], %f3;\n"
	"DONE: ret;\n}\n";

typedef unsigned long long device_ptr;
typedef int (*any_call)();

static void *driver;

static any_call call_of(const char *name)
{
	any_call call = (any_call)dlsym(driver, name);

	if (!call) {
		printf("libcuda.so.1 has no %s\n", name);
		exit(2);
	}
	return call;
}

#define CU(name, ...)                                            \
	do {                                                         \
		int error = call_of(#name)(__VA_ARGS__);                 \
		if (error) {                                             \
			printf("%s: error %d\n", #name, error);              \
			exit(1);                                             \
		}                                                        \
	} while (0)

static void add_on(int gpu, int gpus, int version)
{
	unsigned n = COUNT, i;
	size_t bytes = COUNT * sizeof(float);
	float *in = malloc(bytes), *out = malloc(bytes);
	device_ptr a, b, c;
	void *context, *module, *add, *args[] = {&a, &b, &c, &n};
	char name[128];
	int device;

	if (!in || !out)
		exit(2);
	for (i = 0; i < n; i++)
		in[i] = (float)(i % 7);
	CU(cuDeviceGet, &device, gpu);
	CU(cuDeviceGetName, name, (int)sizeof(name), device);
	CU(cuCtxCreate_v2, &context, 0u, device);
	CU(cuModuleLoadData, &module, kernel);
	CU(cuModuleGetFunction, &add, module, "add");
	CU(cuMemAlloc_v2, &a, bytes);
	CU(cuMemAlloc_v2, &b, bytes);
	CU(cuMemAlloc_v2, &c, bytes);
	CU(cuMemcpyHtoD_v2, a, in, bytes);
	CU(cuMemcpyHtoD_v2, b, in, bytes);
	CU(cuLaunchKernel, add, (n + 255) / 256, 1u, 1u, 256u, 1u, 1u, 0u, (void *)0, args, (void *)0);
	CU(cuMemcpyDtoH_v2, out, c, bytes);
	for (i = 0; i < n; i++) {
		if (out[i] < 2.0f * in[i] || out[i] > 2.0f * in[i]) {
			printf("GPU %d: sum %u is wrong\n", gpu, i);
			exit(1);
		}
	}
	printf("GPU %d of %d: %s, driver %d.%d, right\n", gpu, gpus, name, version / 1000, version % 1000 / 10);
	free(in);
	free(out);
}

int main(int argc, char **argv)
{
	int gpus = 0, version = 0, gpu;

	driver = dlopen("libcuda.so.1", RTLD_NOW);
	if (!driver) {
		printf("%s\n", dlerror());
		return 2;
	}
	CU(cuInit, 0u);
	CU(cuDriverGetVersion, &version);
	CU(cuDeviceGetCount, &gpus);
	for (gpu = 0; gpu < gpus; gpu++)
		add_on(gpu, gpus, version);
	if (fflush(stdout))
		return 2;
	if (argc > 1)
		sleep((unsigned)strtoul(argv[1], NULL, 10));
	return gpus == 0;
}
