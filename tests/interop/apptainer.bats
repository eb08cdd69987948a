#!/usr/bin/env bats
# Images, signatures and keys between us and Apptainer, which runs as an ordinary user in a tree of Debian sid.

setup_file() {
    load ../lib/interop
    "$CHECKOUT/tests/lib/fixtures" apptainer > "$BATS_FILE_TMPDIR/why" 2>&1 && touch "$BATS_FILE_TMPDIR/there"
    make_home
    [ ! -e "$BATS_FILE_TMPDIR/there" ] || theirs true > "$BATS_FILE_TMPDIR/why" 2>&1 || rm "$BATS_FILE_TMPDIR/there"
}

setup() {
    load ../lib/interop
    [ -e "$BATS_FILE_TMPDIR/there" ] || skip "SKIPPED: Apptainer's tree cannot be made or entered: $(tail -n 1 "$BATS_FILE_TMPDIR/why")"
}

# same_list FILE: both list the same objects
same_list() {
    ours sif list "$1" > "$BATS_TEST_TMPDIR/ours"
    theirs apptainer sif list "$1" | sed 's/ *$//' > "$BATS_TEST_TMPDIR/theirs"
    diff <(sed 's/ *$//' "$BATS_TEST_TMPDIR/ours") <(grep . "$BATS_TEST_TMPDIR/theirs")
    grep -q '[0-9]' "$BATS_TEST_TMPDIR/ours"
}

# runs FILE: a program of the image, with its environment, and its runscript
runs() {
    run theirs apptainer exec "$1" sh -c 'cat /etc/mark; echo "$FROM_IMAGE"'
    ran 0
    said '^only in the image$'
    said '^yes$'
    run theirs apptainer run "$1" one two
    ran 0
    said '^run: one two$'
}

# our_image FILE: a fresh unsigned image of ours
our_image() {
    [ -e "$SHARED/unsigned.sif" ] || ours build unsigned.sif tree
    cp -p "$SHARED/unsigned.sif" "$SHARED/$1"
}

# flip FILE: one byte of its root file system turned over
flip() {
    local at
    at=$(ours sif list --json "$1" | sed -n 's/.*"offset":\([0-9]*\).*"partition":"\*System".*/\1/p')
    printf '\xff' | dd of="$SHARED/$1" bs=1 seek=$((at + 200)) conv=notrunc status=none
}

# fingerprint ARG...: of the only key that "key list ARG..." of ours shows
fingerprint() { ours key list --json "$@" | sed -n 's/.*"fingerprint":"\([0-9A-F]*\)".*/\1/p' | tail -n 1; }

# new_home: no keys on either side
new_home() { rm -rf "$SHARED/.dunnage" "$SHARED/.apptainer"; }

@test "an image that we build lists, inspects and runs there" {
    ours build built.sif tree
    same_list built.sif
    runs built.sif
    run theirs apptainer inspect --labels built.sif
    ran 0
    said 'made.by: a test'
    run theirs apptainer sif header built.sif
    ran 0
    said 'Primary Architecture: +amd64'
}

@test "an image made object by object lists and runs there, and after each change" {
    mksquashfs "$SHARED/tree" "$SHARED/root.sqfs" -noappend -all-root -quiet > /dev/null
    echo '{"a":1}' > "$SHARED/some.json"
    hand_over
    ours sif new parts.sif
    ours sif add --type deffile parts.sif tree/.singularity.d/Singularity
    ours sif add --type json --name some.json parts.sif some.json
    ours sif add --type partition --parttype primary parts.sif root.sqfs
    same_list parts.sif
    runs parts.sif
    ours sif add --type partition --parttype system parts.sif root.sqfs
    ours sif setprim 4 parts.sif
    runs parts.sif
    ours sif del --zero 2 parts.sif
    ours sif del --compact 3 parts.sif
    same_list parts.sif
    runs parts.sif
}

@test "an image that we build from a definition runs there as from theirs" {
    local who
    cat > "$SHARED/app.def" << 'DEF'
Bootstrap: localimage
From: tree
%arguments
    WORD=made
%files
    app.def /etc/app.def
%post
    echo "{{ WORD }} in post" > /etc/post
    echo 'export LATE=late' >> "$APPTAINER_ENVIRONMENT"
%environment
    export EARLY=early
%runscript
    echo "runs with $EARLY $LATE: $*"
%labels
    Word two words
%help
    This is the help.
%test
    grep -q post /etc/post
%appenv one
    export APP=yes
%apprun one
    echo "app with $APP $EARLY"
DEF
    hand_over
    ours build defined.sif app.def
    theirs apptainer build theirs-defined.sif app.def
    same_list defined.sif
    for who in defined theirs-defined; do
        run theirs apptainer run "$who.sif" a b
        ran 0
        said '^runs with early late: a b$'
        run theirs apptainer exec "$who.sif" cat /etc/post /etc/mark
        ran 0
        said '^made in post$'
        said '^only in the image$'
        run theirs apptainer run --app one "$who.sif"
        ran 0
        said '^app with yes early$'
        run theirs apptainer test "$who.sif"
        ran 0
        run theirs apptainer inspect --helpfile --labels "$who.sif"
        said 'This is the help'
        said 'Word: two words'
        said 'deffile.bootstrap: localimage'
        run theirs apptainer inspect --deffile "$who.sif"
        said '^From: tree'
    done
}

@test "what they change in an image of ours we read" {
    our_image changed.sif
    echo '{"b":2}' > "$SHARED/more.json"
    hand_over
    theirs apptainer sif add --datatype 6 --groupid 1 changed.sif more.json
    same_list changed.sif
    theirs apptainer sif del 1 changed.sif
    same_list changed.sif
    theirs apptainer sif new theirs.sif
    theirs apptainer sif add --datatype 4 --parttype 1 --partfs 1 --partarch 2 --groupid 1 theirs.sif root.sqfs
    theirs apptainer sif setprim 1 theirs.sif
    same_list theirs.sif
    runs theirs.sif
}

@test "signatures by our Ed25519 and RSA keys are accepted there, and refused after a change" {
    local type
    new_home
    for type in ed25519 rsa4096; do
        ours key newpair --name "Our $type" --email us@example.org --type "$type" --no-passphrase --output "$type.sec"
        run theirs apptainer key import "$type.sec.pub"
        ran 0
        our_image "$type.sif"
        ours sign --key "$type.sec" "$type.sif"
        run theirs apptainer verify --local "$type.sif"
        ran 0
        said "Our $type"
        same_list "$type.sif"
        runs "$type.sif"
        flip "$type.sif"
        run theirs apptainer verify --local "$type.sif"
        failed
        said 'integrity|integrity:'
        run ours verify --keyring "$type.sec.pub" "$type.sif"
        ran 1
    done
}

@test "two signers, and two groups, are accepted there" {
    our_image two.sif
    ours sif add --type json --group-id 2 two.sif some.json
    ours sign --key ed25519.sec two.sif
    run theirs apptainer verify --local two.sif
    ran 0
    ours sign --key rsa4096.sec two.sif
    run theirs apptainer verify --local two.sif
    ran 0
    said 'Our rsa4096'
    run theirs apptainer verify --local --group-id 2 two.sif
    ran 0
    run ours verify --keyring ed25519.sec.pub --keyring rsa4096.sec.pub two.sif
    ran 0
}

@test "an object without a group fails on both sides" {
    our_image outside.sif
    ours sign --key ed25519.sec outside.sif
    ours sif add --type json --group-id 0 outside.sif some.json
    run theirs apptainer verify --local outside.sif
    failed
    run ours verify --keyring ed25519.sec.pub outside.sif
    ran 1
}

@test "their signatures are accepted here: image, group, single object" {
    new_home
    theirs apptainer key newpair --name Peer --email peer@example.org --comment none --password '' --bit-length 2048 --push=false
    echo 0 | theirs apptainer key export --armor peer.asc
    our_image by-them.sif
    ours sif add --type json --group-id 2 by-them.sif some.json
    cp "$SHARED/by-them.sif" "$SHARED/group.sif"
    cp "$SHARED/by-them.sif" "$SHARED/object.sif"
    hand_over
    theirs apptainer sign by-them.sif < /dev/null
    run ours verify --keyring peer.asc by-them.sif
    ran 0
    theirs apptainer sign --group-id 2 group.sif < /dev/null
    run ours verify --keyring peer.asc group.sif
    ran 1
    run ours verify --keyring peer.asc --group-id 2 group.sif
    ran 0
    theirs apptainer sign --sif-id 3 object.sif < /dev/null
    run ours verify --keyring peer.asc --sif-id 3 object.sif
    ran 0
    run ours verify --keyring peer.asc --group-id 1 object.sif
    ran 1
    flip by-them.sif
    run ours verify --keyring peer.asc by-them.sif
    ran 1
    said 'the content of object 3 at byte [0-9]+ is not what was signed'
}

@test "keys that they export are imported here and sign, and their whole keyring is taken over" {
    echo 0 | theirs apptainer key export --secret --armor peer-secret.asc
    ours key import peer-secret.asc
    our_image imported.sif
    ours sign --key "$(fingerprint --secret)" imported.sif
    run theirs apptainer verify --local imported.sif
    ran 0
    rm -rf "$SHARED/.dunnage"
    ours key import --from-apptainer
    [ -n "$(fingerprint --secret)" ]
    run ours verify imported.sif
    ran 0
}

@test "keys that we export are imported there and sign" {
    new_home
    ours key newpair --name Exported --email out@example.org --no-passphrase
    ours key export --secret --output ours.asc "$(fingerprint)"
    theirs apptainer key import ours.asc < /dev/null
    our_image exported.sif
    theirs apptainer sign exported.sif < /dev/null
    run ours verify exported.sif
    ran 0
    said 'Exported'
}

@test "PEM keys: each side accepts what the other signs" {
    local kind
    (
        cd "$SHARED"
        openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out rsa.pem
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.pem
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.pem
        openssl genpkey -algorithm ED25519 -out ed25519.pem
        for kind in rsa p256 p384 p521 ed25519; do openssl pkey -in $kind.pem -pubout -out $kind.pub.pem; done
        chmod 644 ./*.pem
    ) 2> /dev/null
    hand_over
    for kind in rsa p256 p384 p521 ed25519; do
        our_image pem.sif
        ours sign --key "$kind.pem" pem.sif
        run theirs apptainer verify --key "$kind.pub.pem" pem.sif
        ran 0
        our_image pem.sif
        theirs apptainer sign --key "$kind.pem" pem.sif
        run ours verify --key "$kind.pub.pem" pem.sif
        ran 0
    done
}

@test "X.509 certificates: both sides accept a chain for code signing and refuse one for servers" {
    (
        cd "$SHARED"
        openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -days 30 -subj /CN=root
        openssl req -newkey rsa:2048 -nodes -keyout middle.key -out middle.csr -subj /CN=middle
        openssl x509 -req -in middle.csr -CA root.crt -CAkey root.key -days 30 -out middle.crt -extfile <(echo 'basicConstraints=critical,CA:TRUE')
        for use in codeSigning serverAuth; do
            openssl req -new -key p256.pem -out leaf.csr -subj "/CN=$use"
            openssl x509 -req -in leaf.csr -CA middle.crt -CAkey middle.key -days 30 -out "$use.crt" -extfile <(echo "extendedKeyUsage=$use")
        done
    ) 2> /dev/null
    hand_over
    our_image chain.sif
    ours sign --key p256.pem chain.sif
    run theirs apptainer verify --certificate codeSigning.crt --certificate-intermediates middle.crt --certificate-roots root.crt chain.sif
    ran 0
    run ours verify --certificate codeSigning.crt --certificate-intermediates middle.crt --certificate-roots root.crt chain.sif
    ran 0
    run theirs apptainer verify --certificate serverAuth.crt --certificate-intermediates middle.crt --certificate-roots root.crt chain.sif
    failed
    run ours verify --certificate serverAuth.crt --certificate-intermediates middle.crt --certificate-roots root.crt chain.sif
    ran 1
    run ours verify --certificate codeSigning.crt --certificate-roots root.crt chain.sif
    ran 1
}

@test "images that they encrypt are named, signed and run here, and still run there" {
    (cd "$SHARED" && openssl genrsa -traditional -out enc.pem 2048 && openssl rsa -in enc.pem -RSAPublicKey_out -out enc.pub.pem) 2> /dev/null
    chmod 644 "$SHARED"/enc*.pem
    hand_over
    theirs apptainer build --pem-path=enc.pub.pem by-pem.sif tree
    theirs env APPTAINER_ENCRYPTION_PASSPHRASE=secret apptainer build --encrypt by-passphrase.sif tree
    for image in by-pem.sif by-passphrase.sif; do
        run ours sif list "$image"
        ran 0
        said 'Gocryptfs squashfs'
        same_list "$image"
        run ours inspect "$image"
        said 'encrypted with gocryptfs'
        ours sign --key ed25519.sec "$image"
        run ours verify --keyring ed25519.sec.pub "$image"
        ran 0
    done
    run as_user exec --pem-path enc.pem by-pem.sif cat /etc/mark
    ran 0
    said '^only in the image$'
    run as_user exec --passphrase-fd 3 by-passphrase.sif sh -c 'cat /etc/mark; echo "$FROM_IMAGE"' 3<<< secret
    ran 0
    said '^only in the image$'
    said '^yes$'
    run as_user exec --passphrase-fd 3 by-passphrase.sif true 3<<< Secret
    ran 2
    said 'does not open the image'
    run theirs apptainer exec --pem-path=enc.pem by-pem.sif cat /etc/mark
    ran 0
    said '^only in the image$'
    run theirs env APPTAINER_ENCRYPTION_PASSPHRASE=secret apptainer exec by-passphrase.sif cat /etc/mark
    ran 0
    said '^only in the image$'
}

@test "images in a registry: they pull what we push, we pull what they push" {
    local d=$BATS_TEST_TMPDIR host=127.0.0.1:5612
    export TREE_NET=host
    our_image pushed.sif
    "$CHECKOUT/tests/lib/registry/serve" "$d" 5612
    ours push --plain-http pushed.sif "oras://$host/hpc/ours:1"
    theirs apptainer pull --no-https from-us.sif "oras://$host/hpc/ours:1"
    cmp "$SHARED/from-us.sif" "$SHARED/pushed.sif"
    theirs apptainer push --no-https pushed.sif "oras://$host/hpc/theirs:1"
    ours pull --plain-http from-them.sif "oras://$host/hpc/theirs:1"
    cmp "$SHARED/from-them.sif" "$SHARED/pushed.sif"
    "$CHECKOUT/tests/lib/registry/push-layers" "$host" lib/layers 1 "$SHARED/tree"
    ours pull --plain-http converted.sif "docker://$host/lib/layers:1"
    run theirs apptainer exec converted.sif sh -c 'cat /etc/mark; echo "$FROM_IMAGE"'
    ran 0
    said "^only in the image$"
    said "^yes$"
    kill "$(cat "$d/pid")"
}
