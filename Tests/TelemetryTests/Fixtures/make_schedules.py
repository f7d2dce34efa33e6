"""Writes schedules.json: learning-rate factors over 100 epochs, by PyTorch's schedulers, and what
Keras's ReduceLROnPlateau and EarlyStopping do with a made-up validation loss.

    KERAS_BACKEND=torch python make_schedules.py > schedules.json

Made with PyTorch 2.13 and Keras 3.10 on a CPU. The base learning rate is 1, so rates are factors;
all schedules are asked before the epoch's (onecycle, warm-up: the step's) update.
"""

import json
import math

import keras
import torch
from torch.optim import lr_scheduler as schedulers

EPOCHS = 100
STEPS = 3


def values(make, count):
    """The learning rates of `count` updates, one call of the scheduler after each."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    result = []
    for number in range(count):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if number + 1 < count:
            scheduler.step()
    return result


def epochwise(make):
    return {"steps": 1, "values": values(make, EPOCHS)}


def onecycle(**settings):
    def make(optimizer):
        return schedulers.OneCycleLR(
            optimizer, 1.0, total_steps=EPOCHS * STEPS, cycle_momentum=False, **settings
        )

    return {"steps": STEPS, "values": values(make, EPOCHS * STEPS)}


def polynomial(power, end):
    """PyTorch has no end: a straight line between the two rates, as TensorFlow's PolynomialDecay."""
    plain = values(lambda o: schedulers.PolynomialLR(o, EPOCHS, power), EPOCHS)
    return {"steps": 1, "values": [end + (1 - end) * value for value in plain]}


def warmed(epochs, start, make):
    """LinearLR in every step, then the schedule over the epochs that are left."""
    rise = values(
        lambda o: schedulers.LinearLR(o, start_factor=start, total_iters=epochs * STEPS),
        epochs * STEPS,
    )
    later = values(make, EPOCHS - epochs)
    return {
        "steps": STEPS,
        "warmup": f"{epochs}:{start}",
        "values": rise + [value for value in later for _ in range(STEPS)],
    }


def validation_loss(epoch):
    """Falls in stairs, with noise, and once is no number."""
    if epoch == 37:
        return math.nan
    stairs = math.exp(-(epoch // 12) * 0.7)
    return round(2 * stairs + 0.05 * math.sin(2.3 * epoch) * stairs + 1e-5 * epoch, 7)


def model():
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    network.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    return network


def plateau(**settings):
    network = model()
    callback = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", **settings)
    callback.set_model(network)
    callback.on_train_begin()
    result = []
    for epoch in range(EPOCHS):
        result.append(float(network.optimizer.learning_rate.value))
        callback.on_epoch_end(epoch, {"val_loss": validation_loss(epoch)})
    return result


def stop(patience, min_delta):
    network = model()
    callback = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=patience, min_delta=min_delta
    )
    callback.set_model(network)
    callback.on_train_begin()
    for epoch in range(EPOCHS):
        callback.on_epoch_end(epoch, {"val_loss": validation_loss(epoch)})
        if network.stop_training:
            break
    return {
        "patience": patience,
        "minimum_delta": min_delta,
        "last_epoch": epoch + 1,
        "stopped": network.stop_training,
        "best_epoch": callback.best_epoch + 1,
        "best": callback.best,
    }


s = schedulers
schedules = {
    "constant": epochwise(lambda o: s.ConstantLR(o, factor=1.0)),
    "step:30:0.1": epochwise(lambda o: s.StepLR(o, 30, 0.1)),
    "step:5:0.1": epochwise(lambda o: s.StepLR(o, 5, 0.1)),
    "multistep:20,50,51,90:0.3": epochwise(lambda o: s.MultiStepLR(o, [20, 50, 51, 90], 0.3)),
    "exponential:0.93": epochwise(lambda o: s.ExponentialLR(o, 0.93)),
    "cosine": epochwise(lambda o: s.CosineAnnealingLR(o, EPOCHS)),
    "cosine:0.05": epochwise(lambda o: s.CosineAnnealingLR(o, EPOCHS, eta_min=0.05)),
    "restarts:10": epochwise(lambda o: s.CosineAnnealingWarmRestarts(o, 10)),
    "restarts:7:2:0.02": epochwise(lambda o: s.CosineAnnealingWarmRestarts(o, 7, 2, 0.02)),
    "onecycle": onecycle(),
    "onecycle:0.2:10:100": onecycle(pct_start=0.2, div_factor=10, final_div_factor=100),
    "polynomial:1.0": polynomial(1.0, 0.0),
    "polynomial:0.9": polynomial(0.9, 0.0),
    "polynomial:2.0:0.1": polynomial(2.0, 0.1),
}
warm = {
    "cosine": warmed(5, 0.01, lambda o: s.CosineAnnealingLR(o, EPOCHS - 5)),
    "step:30:0.1": warmed(3, 0.25, lambda o: s.StepLR(o, 30, 0.1)),
}
plateaus = {
    "plateau:0.5:3": plateau(factor=0.5, patience=3),
    "plateau:0.5:3:0:0:0.01": plateau(factor=0.5, patience=3, min_delta=0, min_lr=0.01),
    "plateau:0.1:5:0.001:4": plateau(factor=0.1, patience=5, min_delta=0.001, cooldown=4),
    "plateau:0.7:1:0.01:1:0.2": plateau(
        factor=0.7, patience=1, min_delta=0.01, cooldown=1, min_lr=0.2
    ),
}
stops = [stop(15, 0), stop(4, 0), stop(9, 0.5), stop(30, 0), stop(1, 0)]
losses = [validation_loss(epoch) for epoch in range(EPOCHS)]
document = {
    "schedules": schedules,
    "warm": warm,
    "losses": [None if math.isnan(loss) else loss for loss in losses],
    "plateaus": plateaus,
    "stops": stops,
}
print(json.dumps(document))
