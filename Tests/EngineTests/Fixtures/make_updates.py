#!/usr/bin/env python3
"""Writes updates.safetensors: PyTorch's optimizers with clipped gradients, decoupled decay and running
means of weights, and its cross-entropy with smoothed labels and weighted classes, in float64.

    python3 -m pip install torch==2.13.0 safetensors numpy
    python3 make_updates.py

Weights `w0` [48] and gradients `g` [5, 48] are those of optimizers.safetensors.
RULE[5, 48]: weights after each step; RULE.norm[5]: what clip_grad_norm_ returned; RULE.average[5, 48].
loss.logits, loss.labels, loss.weights; loss.CASE: the mean loss, loss.CASE.grad: its gradient.
"""
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

given = load_file("optimizers.safetensors")
w0, g = given["w0"].double(), given["g"].double()
tensors = {}


class Weights(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = torch.nn.Parameter(w0.clone())


def run(name, make, value=None, norm=None, decay=None, average=None):
    """`decay` = (learning rate, share): taken from the weights before the step, as AdamW does."""
    model = Weights()
    optimizer = make(model.parameters())
    mean = average and AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(average))
    rows, norms, means = [], [], []
    for gradient in g:
        model.weights.grad = gradient.clone()
        if value:
            torch.nn.utils.clip_grad_value_(model.parameters(), value)
        if norm:
            norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), norm))
        if decay:
            with torch.no_grad():
                model.weights.mul_(1 - decay[0] * decay[1])
        optimizer.step()
        rows.append(model.weights.detach().clone())
        if mean:
            mean.update_parameters(model)
            means.append(mean.module.weights.detach().clone())
    tensors[name] = torch.stack(rows)
    if norms:
        tensors[name + ".norm"] = torch.stack(norms)
    if means:
        tensors[name + ".average"] = torch.stack(means)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9)


def nesterov(parameters):
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def adagrad(parameters):
    return torch.optim.Adagrad(parameters, lr=0.01)


def rmsprop(parameters):
    return torch.optim.RMSprop(parameters, lr=1e-3)


def nadam(parameters):
    return torch.optim.NAdam(parameters, lr=1e-3)


run("adagrad", adagrad)
run("adagrad_wd", lambda p: torch.optim.Adagrad(p, lr=0.01, weight_decay=5e-4))
run("rmsprop_wd", lambda p: torch.optim.RMSprop(p, lr=1e-3, weight_decay=5e-4))
run("nadam_wd", lambda p: torch.optim.NAdam(p, lr=1e-3, weight_decay=5e-4))
run("nadamw", lambda p: torch.optim.NAdam(p, lr=1e-3, weight_decay=1e-2, decoupled_weight_decay=True))
run("sgdw", sgd, decay=(0.05, 1e-2))
run("nesterovw", nesterov, decay=(0.05, 1e-2))
run("rmspropw", rmsprop, decay=(1e-3, 1e-2))
run("adagradw", adagrad, decay=(0.01, 1e-2))
run("sgd_norm", sgd, norm=0.5)
run("sgd_norm_loose", sgd, norm=100.0)
run("sgd_value", sgd, value=0.05)
run("nesterov_both", nesterov, value=0.3, norm=0.2)
run("sgd_average", sgd, average=0.9)
run("adam_average", adam, norm=0.5, average=0.99)

torch.manual_seed(20262)
logits = torch.randn(9, 5) * 3
labels = torch.tensor([0, 1, 2, 3, 4, 4, 4, 0, 2])
weights = torch.tensor([0.5, 2.0, 1.0, 0.0, 3.25])
tensors["loss.logits"] = logits
tensors["loss.labels"] = labels.int()
tensors["loss.weights"] = weights.double()
for name, weight, smoothing in [
    ("smooth", None, 0.1),
    ("weighted", weights, 0.0),
    ("both", weights, 0.2),
]:
    wide = logits.double().requires_grad_()
    loss = F.cross_entropy(
        wide, labels, weight=None if weight is None else weight.double(), label_smoothing=smoothing
    )
    loss.backward()
    tensors[f"loss.{name}"] = loss.detach()
    tensors[f"loss.{name}.grad"] = wide.grad.contiguous()

# One logit against a logit of zero is a sigmoid.
logit = torch.randn(9) * 3
yes = torch.tensor([0, 1, 1, 0, 1, 0, 0, 0, 1])
wide = logit.double().requires_grad_()
loss = F.cross_entropy(
    torch.stack([torch.zeros_like(wide), wide], dim=1),
    yes,
    weight=torch.tensor([0.75, 1.5]).double(),
    label_smoothing=0.1,
)
loss.backward()
tensors["loss.binary.logits"] = logit
tensors["loss.binary.labels"] = yes.int()
tensors["loss.binary"] = loss.detach()
tensors["loss.binary.grad"] = wide.grad.contiguous()
save_file(tensors, "updates.safetensors")
