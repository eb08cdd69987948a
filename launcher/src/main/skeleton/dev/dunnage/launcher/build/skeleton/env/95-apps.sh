#!/bin/sh
# The environment of the chosen app.
if [ -n "${SINGULARITY_APPNAME:-}" ] && [ -d "/scif/apps/$SINGULARITY_APPNAME" ]; then
    SCIF_APPS=/scif/apps
    SCIF_APPNAME=$SINGULARITY_APPNAME
    SCIF_APPROOT=/scif/apps/$SCIF_APPNAME
    SCIF_APPDATA=/scif/data/$SCIF_APPNAME
    export SCIF_APPS SCIF_APPNAME SCIF_APPROOT SCIF_APPDATA
    [ -d "$SCIF_APPROOT/bin" ] && PATH=$SCIF_APPROOT/bin:$PATH
    [ -d "$SCIF_APPROOT/lib" ] && LD_LIBRARY_PATH=$SCIF_APPROOT/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export PATH LD_LIBRARY_PATH
    for script in "$SCIF_APPROOT"/scif/env/*.sh; do
        [ -f "$script" ] && . "$script"
    done
fi
