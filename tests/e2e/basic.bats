#!/usr/bin/env bats
# What a container step is like for its user: a normal Slurm step in another file system.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; }

HELLO=--container=/shared/images/hello.sif

@test "the root file system is the image's" {
    run --separate-stderr alice srun "$HELLO" cat /etc/os-release
    ran 0
    printed_line 'PRETTY_NAME="Dunnage demo image hello"'
    [ -z "$stderr" ] || saw
}

@test "a Debian image works the same" {
    run --separate-stderr alice srun --container="$IMG/mpi.sif" bash -c 'which-image; . /etc/os-release; echo "$PRETTY_NAME"'
    ran 0
    printed $'image mpi\nDunnage demo image mpi'
}

@test "user, groups and names are those of the host" {
    run --separate-stderr alice srun /shared/bin/probe
    ran 0
    local outside
    outside="$(value uid)/$(value gid)/$(value groups)"
    run --separate-stderr alice srun "$HELLO" probe
    ran 0
    [ "$(value uid)/$(value gid)/$(value groups)" = "$outside" ] || { echo "outside: $outside"; saw; }
    run --separate-stderr alice srun "$HELLO" id
    ran 0
    printed_line 'uid=2001\(alice\) gid=2001\(alice\) groups=.*3001\(proj\)'
}

@test "the exit status passes through" {
    run --separate-stderr alice srun "$HELLO" ender exit 7
    ran 7
    run --separate-stderr alice srun "$HELLO" ender child 5
    ran 5
}

@test "a death by signal gives the status of a step without container" {
    local signal bare
    for signal in 15 9 6; do
        run --separate-stderr alice srun /shared/bin/ender signal "$signal"
        bare=$status
        run --separate-stderr alice srun "$HELLO" ender signal "$signal"
        ran "$bare"
    done
}

@test "a program that is not in the image gives the status of a missing program" {
    run --separate-stderr alice srun /no/such/program
    local bare=$status
    run --separate-stderr alice srun "$HELLO" /no/such/program
    ran "$bare"
}

@test "standard input, pipes and labels" {
    run --separate-stderr alice bash -c "printf 'a\nb\n' | srun $HELLO cat | tr a-z A-Z"
    ran 0
    printed $'A\nB'
    run --separate-stderr alice srun -n2 -O -l "$HELLO" echo word
    ran 0
    [ "$(sort <<< "$output")" = $'0: word\n1: word' ] || saw
}

@test "a large stream arrives whole" {
    run --separate-stderr alice bash -c "head -c 3000000 /dev/zero | srun $HELLO cat | wc -c"
    ran 0
    printed 3000000
}

@test "home and working directory are there" {
    alice sh -c 'mkdir -p deep/er && echo here > deep/er/file'
    run --separate-stderr alice bash -c "cd deep/er && srun $HELLO sh -c 'pwd; cat file; cat \$HOME/deep/er/file'"
    ran 0
    printed $'/home/alice/deep/er\nhere\nhere'
}

@test "what the step writes belongs to the user" {
    run --separate-stderr alice srun "$HELLO" sh -c 'echo text > made-inside'
    ran 0
    run node 0 stat -c '%u %g' /home/alice/made-inside
    printed '2001 2001'
}

@test "the image is read-only" {
    run --separate-stderr alice srun "$HELLO" sh -c 'echo x > /bin/new || exit 3'
    ran 3
}

@test "--container-mounts binds, and :ro holds" {
    alice sh -c 'mkdir -p data && echo given > data/file'
    run --separate-stderr alice srun "$HELLO" --container-mounts=/home/alice/data:/data sh -c 'cat /data/file; echo more > /data/written'
    ran 0
    printed given
    [ "$(alice cat data/written)" = more ]
    run --separate-stderr alice srun "$HELLO" --container-mounts=/home/alice/data:/data:ro sh -c 'cat /data/file; echo x > /data/refused || exit 4'
    ran 4
    printed given
    run alice test -e data/refused
    ran 1
}

@test "several mounts, and a file as a mount" {
    alice sh -c 'mkdir -p data && echo one > data/one'
    run --separate-stderr alice srun "$HELLO" --container-mounts=/home/alice/data:/mnt/a,/home/alice/data/one:/mnt/file:ro sh -c 'cat /mnt/a/one /mnt/file'
    ran 0
    printed $'one\none'
}

@test "a mount of something that the user may not open is refused" {
    bob sh -c 'chmod 700 . && mkdir -p deep'
    run --separate-stderr alice srun "$HELLO" --container-mounts=/home/bob/deep:/mnt ls /mnt
    refused /home/bob/deep
    nodes_idle
}

@test "a mount whose source does not exist is refused" {
    run --separate-stderr alice srun "$HELLO" --container-mounts=/no/such/dir:/mnt true
    refused /no/such/dir
    nodes_idle
}

@test "--container-workdir" {
    run --separate-stderr alice srun "$HELLO" --container-workdir=/usr pwd
    ran 0
    printed /usr
    run --separate-stderr alice srun "$HELLO" --container-workdir=/no/such/dir pwd
    refused workdir /no/such/dir
}

@test "--no-container-mount-home leaves the home directory out" {
    alice sh -c 'echo secret > in-home'
    run --separate-stderr alice sh -c "cd /tmp && srun $HELLO --no-container-mount-home ls /home/alice/in-home"
    [ "$status" -ne 0 ] || saw
    run --separate-stderr alice sh -c "cd /tmp && srun $HELLO --container-mount-home cat /home/alice/in-home"
    ran 0
    printed secret
}

@test "container options without an image are refused before the job starts" {
    run --separate-stderr alice srun --container-workdir=/usr pwd
    refused -- --container=
}

@test "a relative image path is meant from the current directory" {
    run --separate-stderr alice bash -c 'cd /shared/images && srun --container=hello.sif which-image'
    ran 0
    printed 'image hello'
    run --separate-stderr alice bash -c 'cd /shared/bin && srun --container=../images/hello.sif which-image'
    ran 0
}

@test "an image of the user's own, readable by nobody else, runs when it is signed" {
    alice sh -c 'cp /shared/images/hello.sif mine.sif && chmod 600 mine.sif'
    run --separate-stderr alice srun --container=mine.sif which-image
    ran 0
    printed 'image hello'
    run --separate-stderr bob srun --container=/home/alice/mine.sif which-image
    refused /home/alice/mine.sif
}

@test "DUNNAGE_CONTAINER names the image" {
    run --separate-stderr alice bash -c "cd /shared/images && srun --container=hello.sif sh -c 'echo \$DUNNAGE_CONTAINER'"
    ran 0
    printed /shared/images/hello.sif
}

@test "variables of the user and of the image's scripts reach the program" {
    run --separate-stderr alice env MINE='a b' srun "$HELLO" sh -c 'echo "$MINE|$DEMO_ENV|$DEMO_PATHS|$DEMO_COMPUTED"'
    ran 0
    printed 'a b|from the image|/image/first|42'
    run --separate-stderr alice env DEMO_PATHS=/user srun "$HELLO" sh -c 'echo "$DEMO_PATHS"'
    printed /image/first:/user
}

@test "the image's scripts are evaluated once per step and node" {
    local n
    for n in 0 1; do node "$n" sh -c ': > /tmp/env-count; chmod 666 /tmp/env-count'; done
    run --separate-stderr alice srun -N2 -n4 "$HELLO" sh -c 'echo "$DEMO_COMPUTED"'
    ran 0
    printed $'42\n42\n42\n42'
    for n in 0 1; do
        [ "$(node "$n" grep -c evaluated /tmp/env-count)" = 1 ] || { node "$n" cat /tmp/env-count; false; }
        node "$n" rm /tmp/env-count
    done
}

@test "no rights can be gained" {
    run --separate-stderr alice srun "$HELLO" probe
    ran 0
    [ "$(value NoNewPrivs)" = 1 ] || saw
    local set
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do [ "$(value $set)" = 0000000000000000 ] || saw; done
    # the image's setuid program runs, as the user
    run --separate-stderr alice srun "$HELLO" setuid-probe
    ran 0
    [ "$(value uid)" = "2001 2001 2001" ] || saw
}

@test "every mount is nosuid, and nodev outside /dev" {
    run --separate-stderr alice srun "$HELLO" cat /proc/self/mountinfo
    ran 0
    local bad
    bad=$(awk '{ opts = "," $6 ","; dev = ($5 == "/dev" || $5 ~ /^\/dev\//); if (opts !~ /,nosuid,/ || (!dev && opts !~ /,nodev,/)) print }' <<< "$output")
    [ -z "$bad" ] || { echo "$bad"; false; }
    # the host's tree is not in view any more
    printed_no ' /\.old'
}

@test "no descriptor above 2 reaches the program" {
    run --separate-stderr alice srun "$HELLO" probe
    ran 0
    [ "$(grep '^fd ' <<< "$output" | awk '$2 > 2' | wc -l)" = 0 ] || saw
    run --separate-stderr alice srun --mpi=pmi2 "$HELLO" sh -c 'echo "PMI_FD $PMI_FD"; probe'
    ran 0
    [ "$(grep '^fd ' <<< "$output" | awk '$2 > 2 { print $2 }')" = "$(value PMI_FD)" ] || saw
}

@test "steps without a container are as without the plugin" {
    run --separate-stderr alice srun /shared/bin/probe
    ran 0
    [ "$(value mnt)" = "$(node 0 readlink /proc/1/ns/mnt)" ] || saw
    [ "$(value NoNewPrivs)" = 0 ] || saw
    [ "$(value CapBnd)" != 0000000000000000 ] || saw
    run --separate-stderr alice srun env
    ran 0
    printed_no '^(DUNNAGE|APPTAINER|SINGULARITY|SLURM_CONTAINER)'
    [ -z "$stderr" ] || saw
}

@test "two nodes, four ranks, one image" {
    run --separate-stderr alice srun -N2 -n4 "$HELLO" sh -c 'echo "$(hostname) $SLURM_PROCID $(which-image)"'
    ran 0
    [ "$(sort <<< "$output")" = $'node0 0 image hello\nnode0 1 image hello\nnode1 2 image hello\nnode1 3 image hello' ] || saw
}

@test "another user's files stay closed" {
    bob sh -c 'echo private > private && chmod 600 private'
    run --separate-stderr alice srun "$HELLO" --container-mounts=/home:/mnt cat /mnt/bob/private
    [ "$status" -ne 0 ] || saw
    printed_no private
}
