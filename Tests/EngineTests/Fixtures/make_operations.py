#!/usr/bin/env python3
"""Writes operations.safetensors: single operations of PyTorch with odd shapes, in float64.

    python3 -m pip install torch==2.13.0 safetensors numpy
    python3 make_operations.py

For every case NAME: NAME.x, NAME.w, NAME.b (f32, where there are such), NAME.out, NAME.grad.x,
NAME.grad.w, NAME.grad.b (f64) for the loss sum(out * weight), weight = NAME.g (f32).
"""
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(20260)
tensors = {}


def draw(*shape):
    return torch.randn(*shape, dtype=torch.float32)


def case(name, function, **inputs):
    wide = {k: v.double().requires_grad_() for k, v in inputs.items()}
    out = function(**wide)
    g = draw(*out.shape)
    (out * g.double()).sum().backward()
    for key, value in inputs.items():
        tensors[f"{name}.{key}"] = value
        tensors[f"{name}.grad.{key}"] = wide[key].grad.contiguous()
    tensors[f"{name}.g"] = g
    tensors[f"{name}.out"] = out.detach().contiguous()


def conv(stride=1, padding=0, dilation=1, groups=1):
    return lambda x, w, b=None: F.conv2d(x, w, b, stride, padding, dilation, groups)


case("convolution", conv(padding=1), x=draw(2, 5, 7, 9), w=draw(6, 5, 3, 3), b=draw(6))
case("strided", conv(stride=2, padding=1), x=draw(2, 3, 9, 8), w=draw(7, 3, 3, 3), b=draw(7))
case("dilated", conv(padding=2, dilation=2), x=draw(1, 4, 8, 7), w=draw(5, 4, 3, 3), b=draw(5))
case("grouped", conv(padding=1, groups=3), x=draw(2, 6, 5, 6), w=draw(9, 2, 3, 3), b=draw(9))
case("pointwise", conv(stride=2), x=draw(2, 8, 6, 5), w=draw(16, 8, 1, 1))
case("large", conv(stride=3, padding=2), x=draw(1, 3, 17, 15), w=draw(33, 3, 5, 5))
case("relu", lambda x: F.relu(x), x=draw(2, 5, 3, 4))
case("maximum", lambda x: F.max_pool2d(x, 3, 2, 1), x=draw(2, 5, 9, 8))
case("maximum_ceil", lambda x: F.max_pool2d(x, 3, 2, 0, 1, True), x=draw(2, 4, 8, 7))
case("average", lambda x: F.avg_pool2d(x, 2), x=draw(2, 5, 6, 7))
case("average_padded", lambda x: F.avg_pool2d(x, 3, 2, 1), x=draw(2, 3, 7, 8))
case("average_uncounted", lambda x: F.avg_pool2d(x, 3, 1, 1, False, False), x=draw(2, 3, 5, 6))
case("global", lambda x: x.mean((2, 3)), x=draw(3, 7, 4, 5))
case("dense", lambda x, w, b: F.linear(x, w, b), x=draw(3, 19), w=draw(11, 19), b=draw(11))

logits, labels = draw(6, 5), torch.tensor([0, 4, 2, 2, 1, 3])
wide = logits.double().requires_grad_()
loss = F.cross_entropy(wide, labels)
loss.backward()
tensors.update({"softmax.x": logits, "softmax.y": labels.int(), "softmax.loss": loss.detach().reshape(1),
                "softmax.grad.x": wide.grad})
logits, labels = draw(6, 1) * 8, torch.tensor([0, 1, 1, 0, 1, 0])
wide = logits.double().requires_grad_()
loss = F.binary_cross_entropy_with_logits(wide[:, 0], labels.double())
loss.backward()
tensors.update({"sigmoid.x": logits, "sigmoid.y": labels.int(), "sigmoid.loss": loss.detach().reshape(1),
                "sigmoid.grad.x": wide.grad})
save_file(tensors, "operations.safetensors")
