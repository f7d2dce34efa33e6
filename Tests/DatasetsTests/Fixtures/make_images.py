"""Writes images.json: what PyTorch makes of small images that are resized and warped.

    python make_images.py > images.json

Made with PyTorch 2.13 on a CPU. A source is the same in every test: element i of an image, row by
row and channels innermost, is i * 37 mod 101. Warps are products of plain matrices around the
image's centre (lean, turn, scale, shift), turned round by inversion; beside the image its nearest
edge counts.
"""

import json
import math

import torch
from torch.nn import functional


def source(height, width, channels):
    values = torch.arange(height * width * channels, dtype=torch.float64) * 37 % 101
    return values.reshape(height, width, channels)


def planes(image):
    return image.permute(2, 0, 1)[None]


def flat(result):
    return [round(value, 6) for value in result[0].permute(1, 2, 0).flatten().tolist()]


def resized(height, width, channels, to_height, to_width):
    result = functional.interpolate(
        planes(source(height, width, channels)),
        size=(to_height, to_width),
        mode="bilinear",
        antialias=True,
        align_corners=False,
    )
    return {
        "from": [height, width, channels],
        "to": [to_height, to_width],
        "values": flat(result),
    }


def matrix(*rows):
    return torch.tensor([*rows, [0, 0, 1]], dtype=torch.float64)


def warped(height, width, channels, degrees, lean, scale, shift):
    angle, slope = math.radians(degrees), math.tan(math.radians(lean))
    centre = ((width - 1) / 2, (height - 1) / 2)
    forward = (
        matrix([1, 0, centre[0] + shift[0]], [0, 1, centre[1] + shift[1]])
        @ matrix([scale, 0, 0], [0, scale, 0])
        @ matrix(
            [math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0]
        )
        @ matrix([1, slope, 0], [0, 1, 0])
        @ matrix([1, 0, -centre[0]], [0, 1, -centre[1]])
    )
    back = torch.linalg.inv(forward)
    grid = torch.zeros(1, height, width, 2, dtype=torch.float64)
    for y in range(height):
        for x in range(width):
            place = back @ torch.tensor([x, y, 1], dtype=torch.float64)
            grid[0, y, x, 0] = place[0] * 2 / (width - 1) - 1
            grid[0, y, x, 1] = place[1] * 2 / (height - 1) - 1
    result = functional.grid_sample(
        planes(source(height, width, channels)),
        grid,
        mode="bilinear",
        padding_mode="border",
        align_corners=True,
    )
    return {
        "from": [height, width, channels],
        "degrees": degrees,
        "lean": lean,
        "scale": scale,
        "shift": shift,
        "values": flat(result),
    }


print(
    json.dumps(
        {
            "resized": [
                resized(4, 5, 1, 8, 10),
                resized(5, 4, 2, 7, 9),
                resized(9, 11, 1, 4, 3),
                resized(8, 8, 3, 3, 12),
                resized(1, 1, 1, 3, 2),
                resized(7, 6, 2, 1, 1),
            ],
            "warped": [
                warped(5, 6, 1, 30, 0, 1, (0, 0)),
                warped(6, 5, 2, -12, 9, 1.2, (0.7, -1.3)),
                warped(7, 7, 1, 0, 0, 0.8, (0, 0)),
                warped(4, 8, 3, 170, -20, 0.9, (1.5, 0.25)),
            ],
        },
        indent=1,
    )
)
