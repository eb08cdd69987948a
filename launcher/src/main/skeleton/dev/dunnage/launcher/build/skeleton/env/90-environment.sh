#!/bin/sh
# The image's own environment.
