"""One check by PyTorch of a function of `n` numbers with as many outputs: python memory.py fast|slow N

The function is PyTorch's own, elementwise. The caller looks at the memory of this process.
"""

import sys

import torch
from torch.autograd import gradcheck


def main():
    mode, n = sys.argv[1], int(float(sys.argv[2]))
    torch.manual_seed(7)
    x = torch.randn(n, dtype=torch.double, requires_grad=True)
    good = n == 0 or gradcheck(lambda x: x + 0.1 * torch.sin(x), (x,), fast_mode=mode == "fast", raise_exception=False)
    print(f"{mode}, n = {n}: {'pass' if good else 'fail'}", file=sys.stderr)


if __name__ == "__main__":
    main()
