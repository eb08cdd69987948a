#!/usr/bin/env bats
# Options of srun about the view and the variables, and the order in which they count.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; }

HELLO=--container=/shared/images/hello.sif

@test "--container-env: the job's value, or the one given, whatever the image says" {
    run --separate-stderr alice env FOO=bar DEMO_ENV=mine srun "$HELLO" sh -c 'echo "$FOO $DEMO_ENV"'
    printed 'bar from the image'
    run --separate-stderr alice env FOO=bar DEMO_ENV=mine srun "$HELLO" --container-env=DEMO_ENV,NEW=1,GONE sh -c 'echo "$FOO $DEMO_ENV $NEW ${GONE-unset}"'
    ran 0
    printed 'bar mine 1 unset'
}

@test "--container-cleanenv and --container-no-env" {
    run --separate-stderr alice env FOO=bar srun "$HELLO" --container-cleanenv sh -c 'echo "[$FOO] $DEMO_ENV $HOME $SLURM_PROCID"; squeue -h -o %u'
    ran 0
    printed $'[] from the image /home/alice 0\nalice'
    run --separate-stderr alice env FOO=1 FOZ=2 BAR=3 SLURM_X=4 srun "$HELLO" --container-no-env='FO*,SLURM*' sh -c 'echo "[$FOO$FOZ] $BAR $SLURM_PROCID"'
    ran 0
    printed '[] 3 0'
}

@test "variables: DUNNAGEENV_X before APPTAINERENV_X before SINGULARITYENV_X before the image; --container-env before all" {
    run --separate-stderr alice env SINGULARITYENV_DEMO_ENV=s SINGULARITYENV_A=a APPTAINERENV_B=b srun "$HELLO" sh -c 'echo "$DEMO_ENV $A $B"'
    printed 's a b'
    run --separate-stderr alice env SINGULARITYENV_DEMO_ENV=s APPTAINERENV_DEMO_ENV=a DUNNAGEENV_DEMO_ENV=d srun "$HELLO" sh -c 'echo "$DEMO_ENV"'
    printed d
    run --separate-stderr alice env DUNNAGEENV_DEMO_ENV=d DEMO_ENV=job srun "$HELLO" --container-env=DEMO_ENV sh -c 'echo "$DEMO_ENV"'
    printed job
    run --separate-stderr alice env DUNNAGEENV_DEMO_ENV=d srun "$HELLO" --container-cleanenv sh -c 'echo "$DEMO_ENV"'
    printed d
}

@test "DUNNAGE_BIND, else APPTAINER_BIND; --container-mounts adds to it and covers it" {
    run --separate-stderr alice env DUNNAGE_BIND=/shared/bin:/b,/shared/images APPTAINER_BIND=/shared/bad:/not srun "$HELLO" \
        --container-mounts=/shared/bad:/also sh -c 'ls /b/ender /shared/images/hello.sif /also/unsigned.sif; ls -d /not'
    [ "$status" -ne 0 ]
    printed $'/also/unsigned.sif\n/b/ender\n/shared/images/hello.sif'
    run --separate-stderr alice env APPTAINER_BIND=/shared/bin:/b srun "$HELLO" --container-mounts=/shared/bad:/b sh -c 'ls /b/unsigned.sif'
    ran 0
    run --separate-stderr alice env DUNNAGE_BIND=/no/such:/x srun "$HELLO" true
    refused '/no/such'
}

@test "--container-writable and --container-readonly: the rights of the image's files decide, not the mount" {
    run --separate-stderr alice srun "$HELLO" --container-writable sh -c 'grep -c "^[0-9]* [0-9]* [0-9:]* / / rw,nosuid,nodev" /proc/self/mountinfo; touch /x'
    printed 1
    grep -q 'Permission denied' <<< "$stderr" || saw
    run --separate-stderr alice srun "$HELLO" --container-writable --container-readonly touch /x
    grep -q 'Read-only file system' <<< "$stderr" || saw
    nodes_idle
}

# script NAME: a batch script of alice's, from standard input
script() { as 0 alice sh -c "cat > $1 && chmod 755 $1"; }

@test "--container-scope=steps: the script stays on the node and its steps run in the image, wherever it goes" {
    script scope.sh <<'JOB'
#!/bin/sh
#SBATCH --container-scope=steps --container-env=SCOPED=1
which-image 2> /dev/null || echo 'on the node'
cd /tmp || exit 1
srun sh -c 'which-image; echo "$SCOPED"'
srun --container=none sh -c '. /etc/os-release; echo "none $ID"'
JOB
    run --separate-stderr alice bash -c 'cd /shared/images && sbatch --parsable -W -D /home/alice -o /home/alice/scope.out --container=hello.sif /home/alice/scope.sh'
    ran 0
    [ "$(alice cat scope.out)" = $'on the node\nimage hello\n1\nnone debian' ] || { alice cat scope.out; false; }
    run --separate-stderr alice bash -c 'cd /shared/images && sbatch --parsable -W -D /home/alice -o /home/alice/scope.out --container=slurm.sif --container-scope=job /home/alice/scope.sh'
    ran 0
    [ "$(alice sed -n 1,2p scope.out)" = $'image slurm\nimage slurm' ] || { alice cat scope.out; false; }
    alice rm -f scope.sh scope.out
    nodes_idle
}

@test "--container-unshare and --container-hostname: all ranks of a node share namespaces of the step's own" {
    local spaces='for n in ipc uts mnt pid; do echo "$n $(readlink /proc/self/ns/$n)"; done; cat /proc/sys/kernel/hostname'
    run --separate-stderr alice srun -N1 -w node0 "$HELLO" sh -c "$spaces"
    local host=$output
    run --separate-stderr alice srun -N1 -w node0 -n2 "$HELLO" --container-unshare=ipc --container-hostname=box-1 sh -c "$spaces"
    ran 0
    [ "$(grep -c '^box-1$' <<< "$output")" = 2 ] || saw
    [ "$(sort -u <<< "$output" | wc -l)" = 5 ] || saw
    [ "$(grep -cxF -e "$(grep ^ipc <<< "$host")" -e "$(grep ^uts <<< "$host")" <<< "$output")" = 0 ] || saw
    [ "$(grep -cxF -e "$(grep ^pid <<< "$host")" <<< "$output")" = 2 ] || saw
    run --separate-stderr alice srun -N1 -w node0 "$HELLO" --container-unshare=uts sh -c "$spaces; squeue -h -o %u"
    ran 0
    [ "$(grep -cxF -e "$(grep ^uts <<< "$host")" <<< "$output")" = 0 ] || saw
    printed_line "$(grep ^ipc <<< "$host" | sed 's/[][]/./g')"
    printed_line "^$(tail -n 1 <<< "$host")$"
    printed_line '^alice$'
    nodes_idle
}

@test "--container-unshare=ipc: MPI programs find each other" {
    run --separate-stderr alice srun -N2 -n4 --mpi=pmix --container=/shared/images/mpi.sif --container-unshare=ipc ring.ompi
    ran 0
    printed_line 'ring of 4 complete'
}

@test "--container-entrypoint: the runscript gets the command and is the rank; refused without one and with --multi-prog" {
    run --separate-stderr alice srun -n2 "$HELLO" --container-entrypoint a 'b  c' '$x'
    ran 0
    printed $'runscript of the demo image: a b  c $x\nrunscript of the demo image: a b  c $x'
    run --separate-stderr alice srun "$HELLO" --container-entrypoint --no-container-entrypoint which-image
    printed 'image hello'
    run --separate-stderr alice srun "$HELLO" --container-entrypoint --container-env=DUNNAGE_ENTRYPOINT_PROGRAM=other a
    printed 'runscript of the demo image: a'
    run --separate-stderr alice srun "$HELLO" --container-entrypoint --container-mounts=/etc/os-release:/.singularity.d/runscript:ro a
    refused '--container-entrypoint' 'no /.singularity.d/runscript'
    script entry.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/hello.sif --container-entrypoint --container-scope=steps
srun one
srun --no-container-entrypoint which-image
JOB
    run --separate-stderr alice sbatch --parsable -W -o entry.out entry.sh
    ran 0
    [ "$(alice cat entry.out)" = $'runscript of the demo image: one\nimage hello' ] || { alice cat entry.out; false; }
    alice sh -c 'rm -f entry.sh entry.out; echo "0 true" > entry.conf'
    run --separate-stderr alice srun -n1 "$HELLO" --container-entrypoint --multi-prog entry.conf
    refused '--multi-prog' '--no-container-entrypoint'
    alice rm -f entry.conf
    nodes_idle
}

@test "bad values: one line with the option, the value and what is allowed" {
    run --separate-stderr alice srun "$HELLO" --container-env=1X true
    refused '--container-env=1X' 'NAME or NAME=VALUE'
    run --separate-stderr alice srun "$HELLO" --container-env=A,,B true
    refused '--container-env=A,,B' 'NAME or NAME=VALUE'
    run --separate-stderr alice srun "$HELLO" --container-no-env= true
    refused '--container-no-env=' 'patterns of names'
    run --separate-stderr alice srun "$HELLO" --container-remap-root true
    refused '--container-remap-root' 'nobody becomes root' '--fakeroot'
    run --separate-stderr alice srun "$HELLO" --container-scope=steps true
    refused '--container-scope' 'sbatch or salloc'
    run --separate-stderr alice sbatch "$HELLO" --container-scope=none --wrap=true
    refused '--container-scope=none' 'job' 'steps'
    run --separate-stderr alice srun "$HELLO" --container-unshare=ipc,user true
    refused '--container-unshare=ipc,user' 'ipc and uts'
    run --separate-stderr alice srun "$HELLO" --container-unshare=pid true
    refused '--container-unshare=pid' 'cannot change its process namespace' 'ipc and uts'
    run --separate-stderr alice srun "$HELLO" --container-hostname=a_b true
    refused '--container-hostname=a_b' 'letters, digits'
    run --separate-stderr alice srun --container-writable true
    refused 'without --container'
}
