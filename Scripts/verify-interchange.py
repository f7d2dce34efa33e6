#!/usr/bin/env python3
"""Exchanges weight files with torchvision and timm, both ways, and compares logits.

verify-interchange.py COMMAND... runs COMMAND, which is Descent's side of it, with the folder of the
files in DESCENT_INTERCHANGE. Without PyTorch, torchvision, timm or safetensors it says so and ends
well.
"""

import os
import subprocess
import sys
import tempfile

try:
    import torch
    from safetensors.torch import load_file, save_file

    try:
        import torchvision
    except RuntimeError:
        # torchvision's compiled operations do not fit this PyTorch; its networks need none of them,
        # only their names.
        for module in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[module]
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operation in ["nms", "qnms"]:
            library.define(operation + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    import timm
except ImportError as error:
    print(f"skipped: this Python has no {error.name} (PYTHON=... names another)")
    sys.exit(0)

CLASSES = 10
TOLERANCE = 1e-4

# Descent's name, and the library's network.
NETWORKS = {
    "resnet18": lambda: torchvision.models.resnet18(num_classes=CLASSES),
    "davit-t": lambda: timm.create_model("davit_tiny", num_classes=CLASSES),
}


def difference(found, expected):
    """The largest difference, relative to the largest expected value."""
    return ((found - expected).abs().max() / expected.abs().max()).item()


def prepare(path, net):
    """Writes the library's weights and an image; returns the logits."""
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if "running_var" in name:
                value.uniform_(0.8, 1.2)
            elif "running_mean" in name:
                value.normal_(0, 0.1)
        image = torch.randn(1, 3, 224, 224)
        logits = net(image)
    state = {name: value.contiguous() for name, value in net.state_dict().items()}
    save_file(state, path + ".theirs.safetensors")
    save_file({"image": image, "classes": torch.tensor([CLASSES])}, path + ".image.safetensors")
    return image, logits


def main():
    torch.manual_seed(1)
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        nets = {name: make().eval() for name, make in NETWORKS.items()}
        passes = {name: prepare(os.path.join(folder, name), net) for name, net in nets.items()}
        environment = dict(os.environ, DESCENT_INTERCHANGE=folder)
        done = subprocess.run(
            sys.argv[1:], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode != 0:
            sys.exit(done.stdout)
        for name, net in nets.items():
            path = os.path.join(folder, name)
            if not os.path.exists(path + ".results.safetensors"):
                sys.exit(done.stdout)
            results = load_file(path + ".results.safetensors")
            image, logits = passes[name]
            read = difference(results["theirs"], logits)
            net.load_state_dict(load_file(path + ".ours.safetensors"), strict=True)
            with torch.no_grad():
                written = difference(results["ours"], net(image))
            good = read <= TOLERANCE and written <= TOLERANCE
            faults += not good
            print(
                f"{name}: read here {read:.1e}, written here {written:.1e}"
                + ("" if good else f": more than {TOLERANCE}")
            )
    sys.exit(1 if faults else 0)


main()
