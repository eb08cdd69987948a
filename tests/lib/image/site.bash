# Site files of the test cluster, and the installation of all fixtures in it.
# shellcheck shell=bash

# Files that are right are not touched: tests read them while the fixtures of others are made.
make_site() {
    local d=$FIXTURES/site.part
    rm -rf "$d"
    mkdir -p "$d/keys"
    sed "s/@DEMO@/$(cat "$FIXTURES/keys/demo.fpr")/" "$CHECKOUT/tests/site/policy.yaml" > "$d/policy.yaml"
    cp "$CHECKOUT/tests/site/dunnage.yaml" "$d/dunnage.yaml"
    cp "$FIXTURES/keys/demo.sec.pub" "$d/keys/demo.asc"
    if ! diff -rq "$d" "$FIXTURES/site" > /dev/null 2>&1; then rm -rf "$FIXTURES/site"; mv "$d" "$FIXTURES/site"; fi
}

install_fixtures() {
    [ -e "$BED/nodes" ] || die "the cluster in $BED is down; start it with 'tests/lib/cluster up'"
    make_site
    "$CLUSTER" site "$FIXTURES/site"
    rm -rf "$BED/shared/images" "$BED/shared/bad" "$BED/shared/bin"
    mkdir -p "$BED/shared/images" "$BED/shared/bin"
    # the cluster's files are the node's own: a link would share the fixture's owner and mode
    cp --reflink=auto "$FIXTURES"/images/{hello,mpi,slurm}.sif "$BED/shared/images"
    cp -a "$FIXTURES/bad" "$BED/shared/bad"
    cp "$FIXTURES"/bin/* "$BED/shared/bin"
    cp "$FIXTURES/images/hello.sif" "$BED/shared/open/hello.sif"
    chown -R root:root "$BED/shared/images" "$BED/shared/bad" "$BED/shared/bin"
}
