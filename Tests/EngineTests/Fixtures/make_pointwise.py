#!/usr/bin/env python3
"""Writes pointwise.safetensors: activation functions, poolings and movements of PyTorch, in float64.

    python3 -m pip install torch==2.13.0 safetensors numpy
    python3 make_pointwise.py

For every case NAME: NAME.x (f32), NAME.out, NAME.grad.x (f64) for the loss sum(out * NAME.g), NAME.g f32.
"""
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(20261)
tensors = {}


def draw(*shape):
    return torch.randn(*shape, dtype=torch.float32)


def case(name, function, x):
    wide = x.double().requires_grad_()
    out = function(wide)
    g = draw(*out.shape)
    (out * g.double()).sum().backward()
    tensors[f"{name}.x"] = x
    tensors[f"{name}.grad.x"] = wide.grad.contiguous()
    tensors[f"{name}.g"] = g
    tensors[f"{name}.out"] = out.detach().contiguous()


def shuffle(x, groups):
    n, c, h, w = x.shape
    return x.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)


for name, function in [("swish", F.silu), ("hardswish", F.hardswish), ("gelu", F.gelu),
                       ("sigmoid", torch.sigmoid), ("hardsigmoid", F.hardsigmoid), ("relu6", F.relu6),
                       ("tanh", torch.tanh)]:
    case(name, function, draw(2, 5, 3, 7) * 4)
case("squeeze", lambda x: x * torch.sigmoid(x.mean((2, 3), keepdim=True)), draw(3, 7, 4, 5))
case("adaptive", lambda x: F.adaptive_avg_pool2d(x, (3, 4)), draw(2, 5, 7, 9))
case("adaptive_larger", lambda x: F.adaptive_avg_pool2d(x, (7, 7)), draw(2, 3, 4, 5))
case("average_ceil", lambda x: F.avg_pool2d(x, 3, 2, 1, True, True), draw(2, 5, 8, 6))
case("average_ceil_uncounted", lambda x: F.avg_pool2d(x, 3, 2, 1, True, False), draw(2, 5, 8, 6))
case("average_asymmetric", lambda x: F.avg_pool2d(F.pad(x, (0, 1, 0, 2)), 3, 2), draw(2, 5, 8, 6))
case("maximum_asymmetric", lambda x: F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-torch.inf), 3, 2), draw(2, 5, 8, 6))
case("border", lambda x: F.pad(x, (2, 1, 0, 3)), draw(2, 5, 4, 6))
case("shifted", lambda x: F.pad(x, (-1, 1, -1, 1)), draw(2, 5, 4, 6))
case("slice", lambda x: x[:, 2:5], draw(2, 7, 4, 3))
case("shuffle", lambda x: shuffle(x, 3), draw(2, 12, 4, 3))
case("response", lambda x: F.local_response_norm(x, 5, 1.5, 0.75, 2.0), draw(2, 19, 4, 3) * 2)
case("response_even", lambda x: F.local_response_norm(x, 4, 1.5, 0.6, 1.0), draw(2, 7, 4, 3) * 2)
case("rescaled", lambda x: x * 3 - 0.5, draw(2, 7, 4, 3))
save_file(tensors, "pointwise.safetensors")
