#!/usr/bin/env python3
"""Writes the small weight files beside this script, with PyTorch (and safetensors).

One network, twice: `pytorch.safetensors` is its state dict as safetensors.torch writes it, some of
it in other types than f32; `keras.safetensors` has the same values under Keras' names and in Keras'
layouts. `pass.safetensors` is an input and what PyTorch computes of it.
"""

import os

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = os.path.dirname(os.path.abspath(__file__))
HEIGHT, WIDTH = 6, 5


def network():
    features = nn.Sequential(
        nn.Conv2d(3, 4, (3, 2), padding=(1, 0), bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 8, 3, padding=1, groups=4),
        nn.ReLU(),
    )
    classifier = nn.Sequential(nn.Linear(8 * HEIGHT * (WIDTH - 1), 7), nn.ReLU(), nn.Linear(7, 5))
    net = nn.ModuleDict({"features": features, "classifier": classifier})
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if "num_batches" in name:
                value.fill_(12)
            elif "running_var" in name:
                value.uniform_(0.5, 1.5)
            else:
                value.normal_(0, 0.3)
    return net


def rounded(name, value):
    """The value in the type its file has, all exact in f32."""
    types = {
        "features.1.bias": torch.float16,
        "features.3.bias": torch.bfloat16,
        "classifier.2.bias": torch.float64,
    }
    return value.to(types.get(name, value.dtype))


def keras(state):
    """The same values as Keras has them: HWIO kernels, [in][out], maps flattened channels last."""
    fc = state["classifier.0.weight"].reshape(7, 8, HEIGHT, WIDTH - 1)
    depthwise = state["features.3.weight"].reshape(4, 2, 3, 3)
    return {
        "conv/kernel": state["features.0.weight"].permute(2, 3, 1, 0),
        "norm/gamma": state["features.1.weight"],
        "norm/beta": state["features.1.bias"],
        "norm/moving_mean": state["features.1.running_mean"],
        "norm/moving_variance": state["features.1.running_var"],
        "depthwise/kernel": depthwise.permute(2, 3, 0, 1),
        "depthwise/bias": state["features.3.bias"],
        "fc1/kernel": fc.permute(2, 3, 1, 0).reshape(-1, 7),
        "fc1/bias": state["classifier.0.bias"],
        "fc2/kernel": state["classifier.2.weight"].T,
        "fc2/bias": state["classifier.2.bias"],
    }


torch.manual_seed(7)
net = network()
state = {name: rounded(name, value) for name, value in net.state_dict().items()}
net.load_state_dict({name: value.to(torch.float32) for name, value in state.items()})
net = net.double().eval()
image = torch.randn(2, 3, HEIGHT, WIDTH).double()
logits = net["classifier"](net["features"](image).flatten(1))

save_file(state, os.path.join(FOLDER, "pytorch.safetensors"))
flat = {name: value.float().contiguous() for name, value in keras(state).items()}
save_file(flat, os.path.join(FOLDER, "keras.safetensors"))
outputs = {"image": image.float().contiguous(), "logits": logits.detach().contiguous()}
save_file(outputs, os.path.join(FOLDER, "pass.safetensors"))
