"""Speed of one GPU as PyTorch sees it: a matrix product, copies on the device and from the host."""
import time
import torch


def seconds(work, times):
    work()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(times):
        work()
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / times


n = 8192
a = torch.randn(n, n, device="cuda", dtype=torch.bfloat16)
b = torch.randn_like(a)
x = torch.empty(2**30, dtype=torch.uint8, device="cuda")
y = torch.empty_like(x)
host = torch.empty(2**28, dtype=torch.uint8, pin_memory=True)
seconds(lambda: a @ b, 20)
product = seconds(lambda: a @ b, 50)
copy = seconds(lambda: y.copy_(x), 50)
up = seconds(lambda: x[: 2**28].copy_(host, non_blocking=True), 20)
print(
    f"{torch.cuda.get_device_name()}: {2 * n**3 / product / 1e12:.0f} TFLOP/s, "
    f"copy {2 * 2**30 / copy / 1e12:.2f} TB/s, from host {2**28 / up / 1e9:.1f} GB/s"
)
