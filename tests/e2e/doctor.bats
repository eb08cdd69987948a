#!/usr/bin/env bats
# dunnage doctor on a node of the cluster: nothing fails on a sound one, and each fault is told with its cure.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; }
teardown_file() {
    load ../lib/e2e
    node 2 sh -c 'cp /etc/slurm/plugstack.conf.sound /etc/slurm/plugstack.conf 2> /dev/null || true; chmod 755 /run/dunnage; rm -rf /etc/dunnage/networks'
    "$CLUSTER" site "$FIXTURES/site"
    agents_on
}

doctor() { run --separate-stderr node "$1" /opt/dunnage/bin/dunnage doctor "${@:2}"; }

@test "a sound node" {
    doctor 2 --no-self-test
    ran 0
    printed_no '^FAIL'
    printed_line '^OK   slurm: plugstack.conf requires /opt/dunnage/lib/dunnage/spank_dunnage.so, built for Slurm ([0-9.]+); this is \1$'
    printed_line '^OK   agent: version'
    # the cluster's sandbox is open to all on purpose
    printed_line '^WARN policy: /etc/dunnage/policy.yaml:[0-9:]+ .*anybody can put images there'
    printed_line '^OK   keys: .* 1 key$'
    printed_line '^OK   directories'
    printed_line '^OK   pmi: srun --mpi= .*pmi2.*pmix'
    printed_no 'self-test'
    doctor 2 --no-self-test --json
    ran 0
    printed_line '^\{"check":"slurm","result":"ok","text":".*","cure":""\}$'
}

@test "two ranks of a user, in an allocation" {
    run --separate-stderr alice salloc -Q -n1 /opt/dunnage/bin/dunnage doctor --image "$IMG/hello.sif"
    printed_line '^OK   self-test: srun -n2 --container=/shared/images/hello.sif: both ranks ran$'
    ran 0
    run --separate-stderr alice salloc -Q -n1 /opt/dunnage/bin/dunnage doctor --image "$BAD/unsigned.sif"
    ran 1
    printed_line '^FAIL self-test: .*unsigned.sif refused by rule'
}

@test "without an allocation, programs without Slurm" {
    doctor 2 --image "$IMG/hello.sif"
    ran 0
    printed_line '^OK   self-test: dunnage exec /shared/images/hello.sif ran twice$'
}

@test "a network's list that is broken on one node is told there, with its cure" {
    node 2 sh -c 'mkdir /etc/dunnage/networks; echo "{\"name\": " > /etc/dunnage/networks/lab.conflist'
    doctor 2 --no-self-test
    ran 1
    printed_line '^FAIL networks: /etc/dunnage/networks/lab.conflist cannot be used: .* -> write a list of plugins as JSON; a sample is PREFIX/etc/networks/lab.conflist$'
    doctor 1 --no-self-test
    ran 0
    printed_no '^[A-Z]+ +networks'
    node 2 rm -r /etc/dunnage/networks
}

@test "faults are told with their cure, and the exit status is 1" {
    node 2 cp /etc/slurm/plugstack.conf /etc/slurm/plugstack.conf.sound
    node 2 sed -i 's/^required/optional/' /etc/slurm/plugstack.conf
    doctor 2 --no-self-test
    ran 1
    printed_line '^FAIL slurm: .*optional.* -> write required instead of optional$'
    node 2 sh -c ': > /etc/slurm/plugstack.conf; chmod 777 /run/dunnage; rm /etc/dunnage/keys/*; echo "version: 7" > /etc/dunnage/policy.yaml'
    "$CLUSTER" agent stop 2
    doctor 2 --no-self-test
    ran 1
    printed_line '^FAIL slurm: .* -> add the line: required /opt/dunnage/lib/dunnage/spank_dunnage.so$'
    printed_line '^FAIL directories: /run/dunnage has owner [0-9]+, mode 777, .* -> chown dunnage:dunnage /run/dunnage; chmod go-w /run/dunnage$'
    printed_line '^WARN keys: .* -> put public keys into it'
    printed_line '^FAIL policy: /etc/dunnage/policy.yaml:1.* -> dunnage policy lint'
    printed_line '^WARN agent: .* -> systemctl start dunnage-agent$'
}
