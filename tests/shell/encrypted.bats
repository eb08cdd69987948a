#!/usr/bin/env bats
# Encrypted images: who has the passphrase or the key runs them, as an ordinary user; nobody else, and nothing is left.

setup_file() {
    load ../lib/shell
    nosite
    machine mkdir -p /enc
    machine bash -s "$OPEN" /enc < "$CHECKOUT/tests/lib/encrypt"
    line 'printf "open sesame" > right; printf "open sesami\n" > wrong'
}
setup() { load ../lib/shell; }
teardown_file() { load ../lib/shell; nosite; }

@test "a passphrase from a descriptor, of which the container learns nothing" {
    run --separate-stderr line "dunnage exec --passphrase-fd 3 /enc/passphrase.sif sh -c 'which-image; ls -l /proc/self/fd 2> /dev/null; env' 3< right"
    ran 0
    printed_line '^image hello$'
    printed_no 'right|sesame'
    [ -z "$stderr" ] || saw
    all_gone
}

@test "a line of standard input, and the rest is the program's" {
    run --separate-stderr line "printf 'open sesame\nthe rest\n' | dunnage exec --passphrase-fd 0 /enc/passphrase.sif cat"
    ran 0
    printed 'the rest'
}

@test "a passphrase that is asked for, and not shown" {
    run line "(sleep 2; echo open sesame) | script -qec 'dunnage exec --passphrase /enc/passphrase.sif which-image' /dev/null"
    ran 0
    printed_line '^Passphrase of /enc/passphrase.sif: '
    printed_line 'image hello'
    printed_no sesame
    run --separate-stderr line "setsid -w dunnage exec --passphrase /enc/passphrase.sif true"
    ran 2
    refused 'no terminal' passphrase-fd
}

@test "the variables of Apptainer, which do not reach the container" {
    run --separate-stderr line "APPTAINER_ENCRYPTION_PASSPHRASE='open sesame' dunnage exec /enc/passphrase.sif sh -c 'which-image; env'"
    ran 0
    printed_line '^image hello$'
    printed_no sesame
    run --separate-stderr line "APPTAINER_ENCRYPTION_PEM_PATH=/enc/key.pem dunnage exec /enc/key.sif which-image"
    ran 0
    printed 'image hello'
}

@test "an RSA key, plain and protected" {
    run --separate-stderr alice dunnage exec --pem-path /enc/key.pem /enc/key.sif which-image
    ran 0
    printed 'image hello'
    run --separate-stderr line "dunnage exec --pem-path /enc/locked.pem --passphrase-fd 4 /enc/key.sif which-image 4<<< pem-secret"
    ran 0
    printed 'image hello'
    all_gone
}

@test "wrong and missing secrets are refused with what to do" {
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/passphrase.sif true 3< wrong'
    ran 2
    refused 'does not open' pem-path
    run --separate-stderr alice dunnage exec /enc/passphrase.sif true
    ran 2
    refused 'is encrypted' passphrase-fd pem-path
    run --separate-stderr alice dunnage exec --pem-path /enc/other.pem /enc/key.sif true
    ran 2
    refused other.pem 'another RSA key'
    run --separate-stderr alice dunnage exec --pem-path /enc/key.pem /enc/passphrase.sif true
    ran 2
    refused 'no key' passphrase
    run --separate-stderr alice dunnage exec --pem-path /enc/none.pem /enc/key.sif true
    ran 2
    refused none.pem
    run --separate-stderr line 'dunnage exec --passphrase-fd 9 /enc/passphrase.sif true 9<&-'
    ran 2
    refused passphrase-fd "'9'" descriptor
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/passphrase.sif true 3< /dev/null'
    ran 2
    refused empty
    run --separate-stderr line 'dunnage exec --passphrase --pem-path x /enc/passphrase.sif true'
    ran 2
    refused 'leave out'
    all_gone
}

@test "damage behind the passphrase is refused" {
    # the last byte of the encrypted content that the squashfs holds, not of its tables
    machine sh -c 'cp /enc/passphrase.sif /enc/damaged.sif; printf "\377\377\377\377" | dd of=/enc/damaged.sif bs=1 seek=40000 conv=notrunc status=none'
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/damaged.sif which-image 3< right'
    [ "$status" -ne 0 ] || saw
    all_gone
}

@test "LUKS is refused with the reason, and root has no way in" {
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/luks.sif true 3< right'
    ran 4
    refused luks.sif 'Encrypted squashfs' LUKS gocryptfs
    site
    run --separate-stderr machine bash -c 'dunnage exec --passphrase-fd 3 /enc/passphrase.sif true 3<<< "open sesame"'
    nosite
    ran 4
    refused 'without root' 'dunnage exec'
}

@test "a machine without gocryptfs says so" {
    machine mv /usr/bin/gocryptfs /usr/bin/gocryptfs.away
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/passphrase.sif true 3< right'
    machine mv /usr/bin/gocryptfs.away /usr/bin/gocryptfs
    ran 7
    refused "package 'gocryptfs'"
}

@test "with a policy that demands signatures, a signed one runs and an unsigned one does not" {
    site
    machine sh -c 'cp /enc/passphrase.sif /enc/signed.sif; cat > /enc/demo.sec' < "$FIXTURES/keys/demo.sec"
    machine dunnage sign --key /enc/demo.sec /enc/signed.sif
    machine rm /enc/demo.sec
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/signed.sif which-image 3< right'
    ran 0
    printed 'image hello'
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/passphrase.sif which-image 3< right'
    ran 3
    refused production 'not signed'
    nosite
}

@test "root inside, an instance, and layers over it" {
    run --separate-stderr line 'dunnage exec --fakeroot --passphrase-fd 3 /enc/passphrase.sif id -u 3< right'
    ran 0
    printed 0
    run --separate-stderr line 'mkdir -p layer && dunnage exec --overlay layer --passphrase-fd 3 /enc/passphrase.sif sh -c "echo kept > /kept; cat /kept" 3< right'
    ran 0
    printed kept
    run --separate-stderr line 'dunnage instance start --passphrase-fd 3 /enc/passphrase.sif inside 3< right'
    ran 0
    run --separate-stderr alice dunnage exec instance://inside which-image
    ran 0
    printed 'image hello'
    run --separate-stderr alice dunnage instance stop inside
    ran 0
    all_gone
}

@test "nothing is left after a kill" {
    # shellcheck disable=SC2016  # for the user's shell
    run --separate-stderr line 'dunnage exec --passphrase-fd 3 /enc/passphrase.sif sleep 300 3< right & p=$!; sleep 2; grep -c gocryptfs /proc/[0-9]*/cmdline | grep -c :1; kill -KILL $p; wait $p'
    ran 137
    printed_line '^[1-9]'
    all_gone
}
