#!/bin/sh
# Libraries that a runtime brings, such as those of GPUs, come last.
LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/.singularity.d/libs
PS1=${PS1:-'Container> '}
export LD_LIBRARY_PATH PS1
