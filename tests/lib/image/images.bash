# Keys and SIF images, made with the project's own command, and images that must be refused.
# shellcheck shell=bash

DUNNAGE=$PREFIX/bin/dunnage

need_dunnage() { [ -x "$DUNNAGE" ] || die "no $DUNNAGE; build it with 'mvn package'"; }

# the code that writes and signs images: a changed one makes new images
dunnage_version() { hash "$PREFIX"/lib/java/dunnage-*.jar; }

make_keys() {
    need_dunnage
    made keys "$(code new_keys new_key)" new_keys
}

# new_key NAME WHO: NAME.sec, NAME.sec.pub and NAME.fpr under keys/
new_key() {
    local k=$FIXTURES/keys/$1
    rm -f "$k".*
    "$DUNNAGE" key newpair --name "$2" --email "$1@example.org" --no-passphrase --output "$k.sec" --json |
        sed -n 's/^{"fingerprint":"\([0-9A-F]*\)".*/\1/p' > "$k.fpr"
    grep -qE '^[0-9A-F]{40}$' "$k.fpr"
}

new_keys() {
    new_key demo "Demo Signer"
    new_key other "Unknown Signer"
}

make_images() {
    local tool name keys
    need_dunnage
    tool=$(dunnage_version)
    keys=$(cat "$FIXTURES"/keys/*.fpr)
    for name in hello mpi slurm; do
        made "image-$name" "$tool$keys$(cat "$FIXTURES/stamps/root-$name")$(code signed_image)" signed_image "$name"
    done
    made bad-images "$tool$keys$(cat "$FIXTURES/stamps/root-hello")$(code bad_images)" bad_images
}

# the images of other releases, for the long form of the tests
make_release_images() {
    local name
    for name in mpi11 mpi13 mpisid; do
        made "image-$name" "$(dunnage_version)$(cat "$FIXTURES"/keys/*.fpr "$FIXTURES/stamps/root-$name")$(code signed_image)" signed_image "$name"
    done
}

# signed_image NAME: images/NAME.sif, signed by the demo key
signed_image() {
    local out=$FIXTURES/images/$1.sif
    rm -f "$out" "$out.part"
    "$DUNNAGE" build "$out.part" "$FIXTURES/roots/$1"
    if [ "$1" = hello ]; then cp "$out.part" "$FIXTURES/images/hello-unsigned.sif"; fi
    "$DUNNAGE" sign "$out.part" --key "$FIXTURES/keys/demo.sec"
    mv "$out.part" "$out"
}

bad_images() {
    local d=$FIXTURES/bad middle byte
    rm -rf "$d"
    mkdir -p "$d/directory.sif"
    cp "$FIXTURES/images/hello-unsigned.sif" "$d/unsigned.sif"
    cp "$FIXTURES/images/hello-unsigned.sif" "$d/unknown.sif"
    "$DUNNAGE" sign "$d/unknown.sif" --key "$FIXTURES/keys/other.sec"
    # one byte in the middle of the file system is turned over
    cp "$FIXTURES/images/hello.sif" "$d/tampered.sif"
    middle=$(($(stat -c %s "$d/tampered.sif") / 2))
    byte=$(od -An -tu1 -j "$middle" -N 1 "$d/tampered.sif")
    # shellcheck disable=SC2059  # the format is the byte
    printf "\\x$(printf %x $((byte ^ 255)))" | dd of="$d/tampered.sif" bs=1 seek="$middle" conv=notrunc status=none
    head -c $(($(stat -c %s "$FIXTURES/images/hello.sif") / 3)) "$FIXTURES/images/hello.sif" > "$d/truncated.sif"
    echo "this is no image" > "$d/text.sif"
    : > "$d/empty.sif"
    cp "$FIXTURES/images/hello.sif" "$d/closed.sif"
    chmod 600 "$d/closed.sif"
    ln -s nowhere.sif "$d/dangling.sif"
    mkfifo "$d/fifo.sif"
    chmod 666 "$d/fifo.sif"
}
