#!/bin/sh
# Trains the first network: in the dashboard where there is a terminal, else in plain lines.
#
#   Scripts/run.sh PROGRAM
set -eu

if [ -t 0 ] && [ -t 1 ]; then
  # About a minute on two cores. The learning rate is low on purpose: the curves take a while to
  # bend, and a press of ']' shows.
  exec "$1" train cnn --data digits --epochs 1500 --lr 0.00005
fi
exec "$1" train cnn --data digits --epochs 20
