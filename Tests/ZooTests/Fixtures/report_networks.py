"""Prints report-networks.txt: counts and tensors of the reference implementations.

Wants torch 2.13, timm 1.0.31 and keras 3.15.1 (KERAS_BACKEND=torch will do):
    python report_networks.py > report-networks.txt
"""

import os
from unittest import mock

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import timm
import torch
from keras import layers
from torch import nn


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & (2**64 - 1)
    return value


def show(name, shape, classes, tensors, trainable, products):
    """`tensors`: (name, dimensions, whether it is trained)."""
    lines = sorted(f"{key} {'x'.join(map(str, dims))}" for key, dims, _ in tensors)
    total = sum(int(torch.tensor(dims).prod()) if dims else 1 for _, dims, _ in tensors)
    if os.environ.get("LIST") == name:
        print("\n".join(lines))
    height, width, channels = shape
    print(
        name, f"{height}x{width}x{channels}", classes, trainable, total - trainable, products,
        len(lines), f"{fnv1a(chr(10).join(lines)):016x}", lines[0].split()[0],
        lines[-1].split()[0], flush=True,
    )


# PyTorch


def show_torch(name, model, shape, classes):
    counted = []

    def count(module, inputs, output):
        if isinstance(module, nn.Conv2d):
            area = module.kernel_size[0] * module.kernel_size[1]
            counted.append(output.numel() * area * module.in_channels // module.groups)
        elif isinstance(module, nn.Linear):
            counted.append(output.numel() * module.in_features)
        elif type(module).__name__ in ("Attention", "WindowAttention"):
            windows, tokens, width = inputs[0].shape
            counted.append(2 * windows * tokens * tokens * width)
        elif type(module).__name__ == "ChannelAttention":
            _, tokens, width = inputs[0].shape
            counted.append(2 * tokens * width * (width // module.num_heads))

    for module in model.modules():
        module.register_forward_hook(count)
    height, width, channels = shape
    with torch.no_grad():
        model.eval()(torch.zeros(1, channels, height, width))
    parameters = dict(model.named_parameters())
    tensors = [
        (key, list(value.shape), key in parameters)
        for key, value in model.state_dict().items()
        if not key.endswith("num_batches_tracked")
    ]
    trainable = sum(value.numel() for value in parameters.values())
    show(name, shape, classes, tensors, trainable, sum(counted))


class DNN(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(3072, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 128),
            nn.ReLU(),
        )
        self.fc = nn.Linear(128, classes)

    def forward(self, x):
        return self.fc(self.body(x.flatten(1)))


class LectureCNN(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.c1, self.c2, self.c3 = (
            nn.Conv2d(i, o, 3, padding=1) for i, o in ((3, 32), (32, 64), (64, 128))
        )
        self.fc1 = nn.Linear(2048, 256)
        self.fc2 = nn.Linear(256, classes)

    def forward(self, x):
        for layer in (self.c1, self.c2, self.c3):
            x = torch.max_pool2d(layer(x).relu(), 2)
        return self.fc2(self.fc1(x.flatten(1)).relu())


def lenet(classes):
    layers_of = dict(
        conv1=nn.Conv2d(1, 6, 5, padding=2), t1=nn.Tanh(), pool1=nn.AvgPool2d(2),
        conv2=nn.Conv2d(6, 16, 5), t2=nn.Tanh(), pool2=nn.AvgPool2d(2), flatten=nn.Flatten(),
        fc1=nn.Linear(400, 120), t3=nn.Tanh(), fc2=nn.Linear(120, 84), t4=nn.Tanh(),
        fc3=nn.Linear(84, classes),
    )
    model = nn.Sequential()
    for key, layer in layers_of.items():
        model.add_module(key, layer)
    return model


class Block(nn.Module):
    """Basic (no `narrow`) or bottleneck block."""

    def __init__(self, inputs, outputs, stride, narrow):
        super().__init__()
        sizes = [(inputs, outputs, 3, stride), (outputs, outputs, 3, 1)]
        if narrow:
            sizes = [(inputs, narrow, 1, 1), (narrow, narrow, 3, stride), (narrow, outputs, 1, 1)]
        self.count = len(sizes)
        for number, (i, o, k, s) in enumerate(sizes, 1):
            setattr(self, f"conv{number}", nn.Conv2d(i, o, k, s, k // 2, bias=False))
            setattr(self, f"bn{number}", nn.BatchNorm2d(o))
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = x
        for number in range(1, self.count + 1):
            y = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(y))
            y = y.relu() if number < self.count else y + self.shortcut(x)
        return y.relu()


class CIFARResNet(nn.Module):
    def __init__(self, classes, stem, stages, narrowing):
        super().__init__()
        width, kernel, stride = stem
        self.conv1 = nn.Conv2d(3, width, kernel, stride, kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages = len(stages)
        for number, (outputs, blocks) in enumerate(stages, 1):
            made = []
            for block in range(blocks):
                step = 2 if number > 1 and block == 0 else 1
                narrow = outputs // narrowing if narrowing else None
                made.append(Block(width, outputs, step, narrow))
                width = outputs
            setattr(self, f"layer{number}", nn.Sequential(*made))
        self.linear = nn.Linear(width, classes)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        for number in range(1, self.stages + 1):
            x = getattr(self, f"layer{number}")(x)
        return self.linear(x.mean((2, 3)))


def torch_networks():
    small = (32, 32, 3)
    four = [(64, 3), (128, 4), (256, 6), (512, 3)]
    show_torch("dnn", DNN(10), small, 10)
    for classes in (10, 1000):
        show_torch("cnn-lecture", LectureCNN(classes), small, classes)
        lecture = CIFARResNet(classes, (16, 3, 1), [(16, 2), (32, 2), (64, 2)], None)
        show_torch("resnet-lecture", lecture, small, classes)
        show_torch("resnet-custom", CIFARResNet(classes, (64, 7, 2), four, 4), small, classes)
        show_torch("resnet-custom-wide", CIFARResNet(classes, (64, 7, 2), four, 1), small, classes)
    show_torch("lenet5", lenet(10), (28, 28, 1), 10)
    native = (224, 224, 3)
    for name, reference in (
        ("vit-ti16", "vit_tiny_patch16_224"), ("vit-s16", "vit_small_patch16_224"),
        ("vit-s32", "vit_small_patch32_224"), ("vit-b16", "vit_base_patch16_224"),
        ("vit-b32", "vit_base_patch32_224"), ("vit-l16", "vit_large_patch16_224"),
        ("davit-t", "davit_tiny"), ("davit-s", "davit_small"), ("davit-b", "davit_base"),
    ):
        for classes in (5, 1000) if name.endswith("16") else (1, 1000):
            model = timm.create_model(reference, num_classes=classes)
            show_torch(name, model, native, classes)
    for classes in (1, 5, 10, 1000):
        model = timm.create_model("davit_tiny", num_classes=classes, window_size=9)
        show_torch("davit-t", model, (280, 280, 3), classes)


# Keras


def products(layer):
    output = [int(size) for size in layer.output.shape[1:]]
    count = 1
    for size in output:
        count *= size
    kind = type(layer).__name__
    if kind == "Dense":
        return count * layer.kernel.shape[0]
    if kind in ("Conv2D", "DepthwiseConv2D"):
        area = layer.kernel_size[0] * layer.kernel_size[1]
        return count * area * (layer.kernel.shape[2] if kind == "Conv2D" else 1)
    if kind == "SeparableConv2D":
        inputs = layer.input.shape[-1]
        area = layer.kernel_size[0] * layer.kernel_size[1]
        return output[0] * output[1] * inputs * (area + output[2])
    return 0


def show_keras(name, build, shape, classes):
    keras.utils.clear_session()
    model = build(shape, classes)
    tensors = [
        (f"{layer.name}/{weight.name.split('/')[-1]}", list(weight.shape), weight.trainable)
        for layer in model.layers
        for weight in layer.weights
    ]
    trainable = sum(int(torch.tensor(dims).prod()) for _, dims, trains in tensors if trains)
    show(name, shape, classes, tensors, trainable, sum(products(one) for one in model.layers))


def conv(x, channels, kernel, **options):
    options = dict(padding="same", activation="relu") | options
    return layers.Conv2D(channels, kernel, **options)(x)


def step_one(shape, classes):
    x = images = keras.Input(shape)
    for channels in (32, 64):
        x = layers.MaxPooling2D(2)(conv(x, channels, 3, padding="valid"))
    x = layers.Dense(128)(layers.Flatten()(x))
    return keras.Model(images, layers.Dense(classes)(x))


def later_step(width, normalized):
    def build(shape, classes):
        x = images = keras.Input(shape)
        for channels in (32, 64, 128):
            x = layers.MaxPooling2D(2)(conv(conv(x, channels, 3), channels, 3))
            x = layers.BatchNormalization()(x) if normalized else x
        x = layers.Dense(width)(layers.Flatten()(x))
        x = layers.BatchNormalization()(x) if normalized else x
        return keras.Model(images, layers.Dense(classes)(x))

    return build


def alexnet_mini(shape, classes):
    images = keras.Input(shape)
    x = conv(layers.ZeroPadding2D(3)(images), 96, 13, strides=3, padding="valid")
    x = layers.MaxPooling2D(3, 2)(x)
    x = layers.MaxPooling2D(3, 2)(conv(x, 256, 5))
    x = layers.MaxPooling2D(2)(conv(conv(conv(x, 384, 3), 384, 3), 256, 3))
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(128)(x)
    return keras.Model(images, layers.Dense(classes)(x))


INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(shape, classes):
    images = keras.Input(shape)
    x = layers.MaxPooling2D(3, 2)(conv(images, 64, 7, strides=2, name="conv1"))
    x = conv(conv(x, 192, 1, name="conv2_red"), 192, 3, name="conv2")
    heads = []
    for n, (a, b_red, b, c_red, c, d) in INCEPTIONS.items():
        if n in ("3a", "4a", "5a"):
            x = layers.MaxPooling2D(3, 2)(x)
        second = conv(conv(x, b_red, 1, name=n + "_3x3_red"), b, 3, name=n + "_3x3")
        third = conv(conv(x, c_red, 1, name=n + "_5x5_red"), c, 5, name=n + "_5x5")
        fourth = layers.MaxPooling2D(3, 1, padding="same")(x)
        fourth = conv(fourth, d, 1, name=n + "_pool_proj")
        x = layers.Concatenate()([conv(x, a, 1, name=n + "_1x1"), second, third, fourth])
        if n in ("4a", "4d"):
            head = f"aux{len(heads) + 1}"
            y = conv(layers.AveragePooling2D(5, 3)(x), 128, 1, name=head + "_conv")
            y = layers.Dense(1024, name=head + "_fc")(layers.Flatten()(y))
            heads.append(layers.Dense(classes, name=head + "_out")(y))
    x = layers.Dense(1000, name="linear")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(images, [layers.Dense(classes, name="out")(x)] + heads)


def application(builder):
    return lambda shape, classes: builder(weights=None, input_shape=shape, classes=classes)


def nasnet(builder):
    """Keras refuses NASNet on PyTorch, because it computes wrongly there; its shapes are right."""

    def build(shape, classes):
        with mock.patch.object(keras.src.applications.nasnet, "backend") as backend:
            backend.backend = lambda: "tensorflow"
            backend.image_data_format = keras.config.image_data_format
            return application(builder)(shape, classes)

    return build


def keras_networks():
    published = keras.applications
    for name, build, side, counts in (
        ("cnn-v1", step_one, 128, (30, 10, 1000)),
        ("cnn-v2", later_step(512, False), 64, (30, 10, 1000)),
        ("cnn-v3", later_step(256, True), 64, (30, 10, 1000)),
        ("alexnet-mini", alexnet_mini, 280, (1, 10, 1000)),
        ("googlenet-280", googlenet, 280, (1, 10, 1000)),
        ("resnet50-keras", application(published.ResNet50), 224, (5, 10, 1000)),
        ("efficientnet-b0-keras", application(published.EfficientNetB0), 224, (5, 10, 1000)),
        ("nasnet-mobile", nasnet(published.NASNetMobile), 224, (5, 10, 1000)),
        ("nasnet-large", nasnet(published.NASNetLarge), 331, (1000,)),
    ):
        for classes in counts:
            show_keras(name, build, (side, side, 3), classes)


if __name__ == "__main__":
    torch_networks()
    keras_networks()
