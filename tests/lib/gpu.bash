# A fake NVIDIA driver and fake devices: no GPU takes part in any test. Sourced by the suites that want them.
# shellcheck shell=bash

GPU_VERSION=550.54.15

# gpu_programs DIR: libcuda.so.VERSION, which answers 4711, and gpu-ask, which finds it as a CUDA program would
gpu_programs() {
    printf 'int cuInit(unsigned flags) { return flags ? 1 : 4711; }\n' |
        gcc -shared -fPIC -nostdlib -Wl,-soname,libcuda.so.1 -x c -o "$1/libcuda.so.$GPU_VERSION" -
    gcc -O2 -Wall -Werror -x c -o "$1/gpu-ask" - -ldl << 'C'
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
	void *lib = dlopen("libcuda.so.1", RTLD_NOW);
	int (*init)(unsigned) = lib ? (int (*)(unsigned))dlsym(lib, "cuInit") : 0;

	printf("cuInit: %s\n", !lib ? "no libcuda.so.1" : init && init(0) == 4711 ? "4711" : "another library");
	return !init;
}
C
}

# For the shell of a machine or node, as root; $1 is the directory with gpu_programs' work. Everything lies in its own mount
# namespace: a /dev of its own with two GPUs and a verbs device, the version of the module, the library in the loader's way.
# shellcheck disable=SC2034,SC2016  # for those who source this
GPU_INSTALL='
    mkdir -p /run/gpu-dev && mount -t tmpfs -o mode=755 gpu-dev /run/gpu-dev
    cp -a -x /dev/. /run/gpu-dev/
    for d in pts shm mqueue; do if mountpoint -q /dev/$d; then mkdir -p /run/gpu-dev/$d; mount --rbind /dev/$d /run/gpu-dev/$d; fi; done
    cd /run/gpu-dev
    for n in 0 1; do mknod -m 666 nvidia$n c 195 $n; done
    mknod -m 666 nvidiactl c 195 255
    mkdir -p infiniband && mknod -m 666 infiniband/uverbs0 c 231 192
    cd / && mount --move /run/gpu-dev /dev
    mount -t tmpfs -o mode=755 gpu-proc /proc/driver
    mkdir /proc/driver/nvidia
    echo "NVRM version: NVIDIA UNIX x86_64 Kernel Module  '$GPU_VERSION'  Tue Mar  5 22:23:56 UTC 2024" > /proc/driver/nvidia/version
    lib=/usr/lib/$(uname -m)-linux-gnu
    install -m 644 "$1/libcuda.so.'$GPU_VERSION'" $lib/
    ln -sf libcuda.so.'$GPU_VERSION' $lib/libcuda.so.1
    ldconfig'
# shellcheck disable=SC2034,SC2016
GPU_REMOVE='
    umount -l /dev /proc/driver
    rm -f /usr/lib/$(uname -m)-linux-gnu/libcuda.so.*
    ldconfig'
