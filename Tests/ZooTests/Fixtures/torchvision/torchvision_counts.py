#!/usr/bin/env python3
"""Prints networks.txt: counts and tensors of torchvision's networks, one line a network and class count.

    python3 -m pip install torch==2.13.0 torchvision==0.28.0 timm==1.0.31
    python3 torchvision_counts.py efficientnet-lite0-57934424.pth > networks.txt
    python3 torchvision_counts.py --tensors resnet50 5        # the listing behind a line's hash

Nothing is allocated but the one file's weights: the networks stand on PyTorch's "meta" device. The
file is the published weights of the PyTorch port of EfficientNet-Lite0; its names and shapes are
taken from it, its multiply-adds from timm's tf_efficientnet_lite0.
"""
import sys

import torch
import torchvision.models as models
from torch import nn

# Descent's name: torchvision's name, side of the image, class counts beside 1000 and 1.
NETWORKS = {
    "alexnet": ("alexnet", 224, [10]),
    "vgg11": ("vgg11", 224, []),
    "vgg11-bn": ("vgg11_bn", 224, []),
    "vgg13": ("vgg13", 224, []),
    "vgg13-bn": ("vgg13_bn", 224, []),
    "vgg16": ("vgg16", 224, [5, 10]),
    "vgg16-bn": ("vgg16_bn", 224, []),
    "vgg19": ("vgg19", 224, []),
    "vgg19-bn": ("vgg19_bn", 224, []),
    "resnet18": ("resnet18", 224, [10]),
    "resnet34": ("resnet34", 224, []),
    "resnet50": ("resnet50", 224, [5, 10]),
    "resnet101": ("resnet101", 224, []),
    "resnet152": ("resnet152", 224, []),
    "resnext50": ("resnext50_32x4d", 224, []),
    "wide-resnet50": ("wide_resnet50_2", 224, []),
    "densenet121": ("densenet121", 224, [5, 10]),
    "densenet161": ("densenet161", 224, []),
    "densenet169": ("densenet169", 224, []),
    "densenet201": ("densenet201", 224, []),
    "googlenet": ("googlenet", 224, [10]),
    "squeezenet1.1": ("squeezenet1_1", 224, []),
    "mobilenet-v2": ("mobilenet_v2", 224, []),
    "mobilenet-v3-small": ("mobilenet_v3_small", 224, []),
    "mobilenet-v3-large": ("mobilenet_v3_large", 224, []),
    "mnasnet1.0": ("mnasnet1_0", 224, [5, 10]),
    "shufflenet-v2-1.0": ("shufflenet_v2_x1_0", 224, []),
    "convnext-tiny": ("convnext_tiny", 224, []),
    "efficientnet-b0": ("efficientnet_b0", 224, [5, 10]),
    "efficientnet-b1": ("efficientnet_b1", 240, []),
    "efficientnet-b2": ("efficientnet_b2", 288, []),
    "efficientnet-b3": ("efficientnet_b3", 300, []),
    "efficientnet-b4": ("efficientnet_b4", 380, []),
    "efficientnet-b5": ("efficientnet_b5", 456, []),
    "efficientnet-b6": ("efficientnet_b6", 528, []),
    "efficientnet-b7": ("efficientnet_b7", 600, []),
}


def build(name, classes):
    options = {"num_classes": classes}
    if name == "googlenet":
        options |= {"aux_logits": True, "init_weights": False}
    with torch.device("meta"):
        return getattr(models, name)(**options)


def multiply_adds(model, side):
    """Of convolutions and dense layers, one image, evaluation."""
    total = 0

    def count(module, _, output):
        nonlocal total
        if isinstance(module, nn.Conv2d):
            height, width = module.kernel_size
            total += output.numel() * module.in_channels // module.groups * height * width
        else:
            total += output.numel() * module.in_features

    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(count)
    model.eval()(torch.zeros(1, 3, side, side, device="meta"))
    return total


def listing(state):
    """One line a tensor, without the batch counters: name and dimensions, sorted by name."""
    lines = [
        f"{name} {'x'.join(map(str, value.shape))}"
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    ]
    return sorted(lines)


def fnv1a(lines):
    """FNV-1a, 64 bits, of the lines with their ends."""
    value = 0xCBF29CE484222325
    for byte in "".join(line + "\n" for line in lines).encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def row(name, side, classes, state, multiply_adds):
    is_statistic = lambda key: key.endswith(("running_mean", "running_var"))
    sizes = {k: v.numel() for k, v in state.items() if not k.endswith("num_batches_tracked")}
    trainable = [size for key, size in sizes.items() if not is_statistic(key)]
    statistics = [size for key, size in sizes.items() if is_statistic(key)]
    lines = listing(state)
    print(
        name, side, classes, sum(trainable), sum(statistics), multiply_adds, len(trainable),
        fnv1a(lines), lines[0].split()[0], lines[-1].split()[0],
    )


def main():
    if sys.argv[1] == "--tensors":
        print("\n".join(listing(build(NETWORKS[sys.argv[2]][0], int(sys.argv[3])).state_dict())))
        return
    print("# name side classes trainable statistics multiply-adds tensors hash first last")
    for name, (theirs, side, more) in NETWORKS.items():
        for classes in [1, *more, 1000]:
            model = build(theirs, classes)
            row(name, side, classes, model.state_dict(), multiply_adds(model, side))
    import timm

    state = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
    with torch.device("meta"):
        model = timm.create_model("tf_efficientnet_lite0")
    row("efficientnet-lite0", 224, 1000, state, multiply_adds(model, 224))


main()
