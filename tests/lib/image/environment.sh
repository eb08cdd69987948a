#!/bin/sh
# Environment of the demo images: one plain variable, one that extends, one that needs a shell.
export DEMO_ENV="from the image"
export DEMO_PATHS="/image/first${DEMO_PATHS:+:$DEMO_PATHS}"
DEMO_COMPUTED=$(expr 6 \* 7)
export DEMO_COMPUTED
# A test that wants to count the evaluations makes this file.
if [ -e /tmp/env-count ]; then echo evaluated >> /tmp/env-count; fi
