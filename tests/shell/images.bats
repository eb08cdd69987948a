#!/usr/bin/env bats
# Which images a user without root may start: the site's policy, and what no policy helps.

setup_file() { load ../lib/shell; site; }
setup() { load ../lib/shell; }
teardown_file() { load ../lib/shell; nosite; }

@test "a signed image runs, and its second start needs no Java" {
    run --separate-stderr alice dunnage exec /images/hello.sif true
    ran 0
    sleep 2.5   # files that have just changed are not remembered
    run --separate-stderr alice dunnage exec /images/hello.sif true
    ran 0
    run --separate-stderr line "DUNNAGE_JAVA=/no/java dunnage exec /images/hello.sif which-image"
    ran 0
    printed 'image hello'
}

@test "inspect --mpi tells what MPI an image has, without running anything of it" {
    run --separate-stderr alice dunnage inspect --mpi /images/mpi.sif
    ran 0
    printed_line '^MPI: Open MPI 4\.1\.[0-9], libmpi\.so\.40 '
    printed_line '^  speaks: pmix$'
    printed_line '^MPI: MPICH 4\.0\.[0-9], libmpich\.so\.12 '
    printed_line '^  speaks: pmi1, pmi2$'
    printed_line '^libc: glibc 2\.36$'
    run --separate-stderr alice dunnage inspect --mpi /images/hello.sif
    ran 0
    printed_line '^MPI: none found$'
}

@test "mpi explain tells the choice with its rules, mpi learn what the machine has" {
    run --separate-stderr alice dunnage mpi explain --mpi=pmix /images/mpi.sif
    ran 0
    printed_line '^choice: hybrid \(--mpi=pmix\)$'
    printed_line 'programs that use its MPICH 4\.0\.[0-9] do not$'
    printed_line '^  \+ PMI: Open MPI 4\.1\.[0-9] speaks pmix'
    printed_line '^  \+ symbols: .* calls? [0-9]+ functions of MPI'
    printed_line '^  \+ glibc: Open MPI 4\.1\.[0-9] of the nodes needs 2\.36, the image has 2\.36$'
    printed_line '^  o network: TCP, because /dev/infiniband is absent'
    run --separate-stderr alice dunnage mpi explain --mpi=none --json /images/mpi.sif
    ran 3
    printed_line '^\{"choice":"refuse","runnable":false,"pmi":"none","reason":"Slurm offers the step no PMI.* use srun --mpi=pmix"'
    run --separate-stderr alice dunnage mpi explain --mpi=none --ntasks=1 /images/mpi.sif
    ran 0
    run --separate-stderr alice dunnage mpi explain --mpi=pmix --container-require-transport=shm,verbs /images/mpi.sif
    ran 3
    printed_line '^GPU of this machine:'
    printed_line '^  \+ shm: '
    printed_line '^  - verbs: the node has no /dev/infiniband$'
    run --separate-stderr alice dunnage mpi explain --mpi=lam /images/mpi.sif
    ran 2
    refused '--mpi lam' 'allowed are pmix'
    # what learn writes is a part of the settings that explain reads, and a new name alone is written
    run --separate-stderr line 'cd && rm -f learned && dunnage mpi learn --output learned && (echo "version: 1"; cat learned) > dunnage.yaml &&
        dunnage policy lint --settings dunnage.yaml && grep -q "family: mpich" learned && grep -A9 "slurm:" learned | grep -q -- "- pmi2" &&
        dunnage mpi explain --settings dunnage.yaml /images/mpi.sif | grep -x "nodes: from dunnage.yaml"'
    ran 0
    run --separate-stderr line 'dunnage mpi learn --output learned'
    ran 2
    refused '--output learned' 'new file'
}

@test "launch hints are checked when they are added, and explained before submission" {
    run --separate-stderr line "cp -f /images/hello-unsigned.sif hints.sif && chmod u+w hints.sif && echo '{\"version\": 1, \"pmi\": [\"pmi9\"]}' > hints.json &&
        dunnage sif add --launch-hints hints.json hints.sif"
    ran 2
    refused '--launch-hints hints.json' 'must be a list of pmix, pmi2'
    run --separate-stderr line "echo '{\"version\": 1, \"pmi\": [\"pmix\"]}' > hints.json && dunnage sif add --launch-hints hints.json hints.sif &&
        dunnage mpi explain --mpi=pmi2 hints.sif"
    ran 3
    printed_line "^  by the image's launch hints: its MPI needs pmix, .*use srun --mpi=pmix"
    run --separate-stderr line "dunnage mpi explain hints.sif && dunnage sif add --launch-hints hints.json hints.sif"
    ran 2
    printed_line '^choice: none \(--mpi=pmix\)$'
    refused 'has launch hints already' 'dunnage sif del'
}

@test "a changed policy counts at once" {
    machine sh -c 'echo "# changed" >> /etc/dunnage/policy.yaml'
    run --separate-stderr line "DUNNAGE_JAVA=/no/java dunnage exec /images/hello.sif true"
    ran 8
    refused DUNNAGE_JAVA
}

@test "bad images are refused with the cause" {
    local image words
    while read -r image words; do
        run --separate-stderr alice dunnage exec "/bad/$image" true
        [ "$status" -ge 3 ] && [ "$status" -le 5 ] || saw
        # shellcheck disable=SC2086  # words
        refused $words
    done << 'LINES'
unsigned.sif production signed
unknown.sif production
tampered.sif production
truncated.sif /bad/truncated.sif
text.sif /bad/text.sif
empty.sif /bad/empty.sif
closed.sif permission
dangling.sif exist
fifo.sif pipe
directory.sif directory
LINES
}

@test "a broken policy refuses everything, a missing one nothing" {
    machine sh -c 'mv /etc/dunnage/policy.yaml /etc/dunnage/saved; echo "version: 9" > /etc/dunnage/policy.yaml'
    run --separate-stderr alice dunnage exec /images/hello.sif true
    machine sh -c 'rm /etc/dunnage/policy.yaml'
    ran 6
    refused policy.yaml
    run --separate-stderr alice dunnage exec /bad/unsigned.sif which-image
    machine sh -c 'mv /etc/dunnage/saved /etc/dunnage/policy.yaml'
    ran 0
    printed 'image hello'
}

@test "an archive of classes that Java cannot use costs time and nothing else" {
    machine cp -a /opt/dunnage /tmp/moved
    run --separate-stderr line "/tmp/moved/bin/dunnage exec --no-mount sys /images/hello.sif which-image"
    machine rm -rf /tmp/moved
    ran 0
    printed 'image hello'
    [ -z "$stderr" ] || saw
}

@test "root without Slurm mounts a signed image by the kernel, and has no privilege inside" {
    run --separate-stderr machine dunnage exec /images/hello.sif sh -c 'id -u; grep CapEff /proc/self/status; grep " / / " /proc/self/mountinfo'
    ran 0
    printed_line '^0$'
    printed_line '^CapEff:[[:space:]]*0+$'
}
