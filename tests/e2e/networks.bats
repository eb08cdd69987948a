#!/usr/bin/env bats
# Networks of the site: Debian's CNI plugins join a step's own network to them. What may be asked for, what a plugin's failure does, and that
# nothing of a network outlives its step, however that ended.
# shellcheck disable=SC2016,SC2154  # texts are for the nodes' shells

setup_file() { load ../lib/e2e; agents_on; BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR; networks_up; }
setup() { load ../lib/e2e; }
teardown_file() {
    load ../lib/e2e
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    site
    node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so|' /etc/slurm/plugstack.conf
    node 0 rm -rf /etc/dunnage/networks /run/plugins
    nodes_idle
}

HELLO=--container=/shared/images/hello.sif
LAB=--container-network=lab
DIR=/etc/dunnage/networks

# granting YAML: what the one rule grants
granting() {
    sed "s/@DEMO@/$(cat "$FIXTURES/keys/demo.fpr")/" > "$BATS_TEST_TMPDIR/policy.yaml" <<YAML
version: 1
rules:
  - name: granted
    mode: whitelist
    keys: [@DEMO@]
    grant: {$1}
YAML
    site "$BATS_TEST_TMPDIR/policy.yaml"
}

networks_up() {
    granting 'network: [host, lab, plain, broken, slow, missing, bad, loose], ports: [8000-8999]'
    node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so network_plugins=/run/plugins network_timeout=2|' /etc/slurm/plugstack.conf
    # Debian's own, and two that fail
    node 0 sh -ec 'mkdir -p /run/plugins '"$DIR"'
        ln -sf /usr/lib/cni/* /run/plugins
        printf "%s\n" "#!/bin/sh" "[ \$CNI_COMMAND = ADD ] || exit 0" "echo {\\\"code\\\":11,\\\"msg\\\":\\\"no cable\\\",\\\"details\\\":\\\"in the wall\\\"}" "exit 1" > /run/plugins/fails
        printf "%s\n" "#!/bin/sh" "[ \$CNI_COMMAND = ADD ] || exit 0" "sleep 987" > /run/plugins/hangs
        chmod 755 /run/plugins/fails /run/plugins/hangs'
    # the sample, with servers of names
    node 0 sh -c 'sed "s|\"ipMasq\": true,|&\"dns\": {\"nameservers\": [\"10.88.0.1\"], \"search\": [\"lab.example\"]},|" /opt/dunnage/etc/networks/lab.conflist > '"$DIR/lab.conflist"
    # what needs NAT is left out where the kernel has none
    has_nat || conflist lab '{"type": "bridge", "bridge": "cni-lab", "isGateway": true, "dns": {"nameservers": ["10.88.0.1"], "search": ["lab.example"]},
        "ipam": {"type": "host-local", "subnet": "10.88.0.0/16", "routes": [{"dst": "0.0.0.0/0"}]}}'
    conflist plain "$(bridge plain 89)"
    conflist broken "$(bridge broken 90), {\"type\": \"fails\"}"
    conflist slow "$(bridge slow 91), {\"type\": \"hangs\"}"
    conflist loose "$(bridge loose 92)"
    node 0 chmod 666 "$DIR/loose.conflist"
    node 0 sh -c "echo '{\"name\": ' > $DIR/bad.conflist"
}
bridge() { echo '{"type": "bridge", "bridge": "cni-'"$1"'", "ipam": {"type": "host-local", "subnet": "10.'"$2"'.0.0/24"}}'; }
conflist() { node 0 sh -c "cat > $DIR/$1.conflist" <<< '{"cniVersion": "1.0.0", "name": "'"$1"'", "plugins": ['"$2"']}'; }

# what plugins and we keep on node 0 for a step
kept() {
    node 0 sh -c 'echo "interfaces $(ip -o link show type veth | grep -vc eth0)" \
        "addresses $(find /var/lib/cni/networks -name "10.*" 2>/dev/null | wc -l)" \
        "rules $(iptables-save 2>/dev/null | grep -cE "dunnage-node|^:CNI-([0-9a-f]|DN)|^-A CNI-FORWARD.*10[.]")" \
        "records $(ls -A /run/dunnage-networks 2>/dev/null | wc -l)" \
        "names $(grep -c dunnage-networks /proc/self/mountinfo)" \
        "namespaces $(stat -L -c %i /proc/[0-9]*/ns/net 2>/dev/null | sort -u | wc -l)"'
}
NOTHING='interfaces 0 addresses 0 rules 0 records 0 names 0 namespaces 1'
nothing_is_kept() { [ "$(kept)" = "$NOTHING" ]; }
nothing_left() { retry 60 0.1 nothing_is_kept || { echo "left: $(kept)"; return 1; }; }

# serving STEP-OPTIONS...: a job whose step serves a page on port 80 of its network
serving() { alice sbatch --parsable -w node0 -o serving.log --wrap "srun $HELLO $* sh -c 'mkdir -p /tmp/page && echo served > /tmp/page/index.html && exec httpd -f -p 80 -h /tmp/page'"; }
served() { node "$1" timeout 5 busybox wget -q -O - "http://$2/"; }
is_served() { [ "$(served "$@" 2>/dev/null)" = served ]; }
job_is_gone() { [ -z "$(alice squeue -h -j "$1" 2>/dev/null)" ]; }
has_nat() { node 0 iptables -t nat -S > /dev/null 2>&1; }
has_iptables() { has_nat || skip "this kernel has no NAT for iptables, which portmap needs"; }

@test "a network of the site: one for all ranks of the node, with its names, and nothing of it remains" {
    run --separate-stderr alice srun -N1 -w node0 -n2 "$HELLO" "$LAB" sh -c 'readlink /proc/self/ns/net; ip -o -4 addr show; cat /etc/resolv.conf; ip -o link show lo | grep -o "LOOPBACK,UP"; ip route | grep -o "default via 10.88.0.1"'
    ran 0
    [ "$(grep net: <<< "$output" | sort -u | wc -l)" = 1 ] || saw
    [ "$(grep net: <<< "$output" | head -1)" != "$(node 0 readlink /proc/self/ns/net)" ] || saw
    [ "$(grep -c 'eth0 *inet 10\.88\.0\.' <<< "$output")" = 2 ] && [ "$(grep -c '^nameserver 10.88.0.1$' <<< "$output")" = 2 ] || saw
    [ "$(grep -c '^search lab.example$' <<< "$output")" = 2 ] && [ "$(grep -c '^default via 10.88.0.1$' <<< "$output")" = 2 ] && [ "$(grep -c '^LOOPBACK,UP$' <<< "$output")" = 2 ] || saw
    nothing_left
}

@test "two networks, by option and by variable; none and host" {
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=plain,lab sh -c 'ip -o -4 addr show | grep -o "eth.*inet 10.[0-9]*"'
    ran 0
    [ "$(tr -s ' ' <<< "$output")" = $'eth0 inet 10.89\neth1 inet 10.88' ] || saw
    run --separate-stderr alice env DUNNAGE_CONTAINER_NETWORK=plain srun -w node0 "$HELLO" sh -c 'ip -o link | grep -c eth; srun --version > /dev/null && echo commands'
    ran 0
    printed $'1\ncommands'
    run --separate-stderr alice env DUNNAGE_CONTAINER_NETWORK=plain srun -w node0 "$HELLO" --container-network=host readlink /proc/self/ns/net
    ran 0
    printed "$(node 0 readlink /proc/self/ns/net)"
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=none sh -c 'grep -c : /proc/net/dev'
    ran 0
    printed 1
    nothing_left
}

@test "a port of the node leads into the step, from the node and from another one, until the step is cancelled" {
    has_iptables
    local job
    job=$(serving "$LAB" '"--container-network-args=portmap=8080:80/tcp"')
    retry 100 0.1 is_served 0 10.77.0.10:8080 || { kept; alice cat serving.log; return 1; }
    is_served 1 10.77.0.10:8080
    run --separate-stderr alice srun -w node0 "$HELLO" "$LAB" --container-network-args=portmap=8080:81 true
    refused 'port 8080 of this node leads to step' 'choose another'
    alice scancel "$job"
    retry 100 0.1 job_is_gone "$job"
    nothing_left
    run ! is_served 1 10.77.0.10:8080
    nodes_idle
}

@test "refused: what no rule grants, and what is no network, each with one line" {
    granting 'network: [host, lab], ports: [8000-8999]'
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=plain true
    refused '--container-network=plain' 'allowed are host, lab, none' "rule 'granted', /etc/dunnage/policy.yaml:3"
    run --separate-stderr alice srun -w node0 "$HELLO" "$LAB" --container-network-args=portmap=80:80 true
    refused 'portmap=80:80/tcp' 'allowed are 8000-8999' "rule 'granted'"
    site
    run --separate-stderr alice srun -w node0 "$HELLO" "$LAB" true
    refused '--container-network=lab' 'allowed are host, none' '/etc/dunnage/policy.yaml'
    networks_up
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network-args=portmap=8080:80 true
    refused 'network of the site only' 'name one with --container-network'
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=plain --container-network-args=portmap=8080:80 true
    refused "no plugin of the network 'plain' maps ports"
    local value
    for value in '' ../lab LAB host,lab lab,lab a,b,c,d,e; do
        run --separate-stderr alice srun -w node0 "$HELLO" "--container-network=$value" true
        refused "container-network=$value" 'allowed are host, none, or names'
    done
    for value in 8080:80 portmap=8080 portmap=8080:80/sctp portmap=0:80 IP=10.88.0.7; do
        run --separate-stderr alice srun -w node0 "$HELLO" "$LAB" "--container-network-args=$value" true
        refused "network-args=$value" 'portmap=8080:80/tcp'
    done
    nothing_left
    nodes_idle
}

@test "refused: networks that the node lacks, or that others could change" {
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=missing true
    refused "this node has no network 'missing'" "$DIR/missing.conflist"
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=loose true
    refused "$DIR/loose.conflist" 'writable for root alone'
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=bad true
    refused "$DIR/bad.conflist" 'no JSON object'
    nothing_left
    nodes_idle
}

@test "a plugin that fails or hangs ends the step, and what the others did is undone" {
    run --separate-stderr alice srun -N1 -w node0 -n2 "$HELLO" --container-network=plain,broken true
    refused "network 'broken': plugin fails failed \(ADD\): no cable: in the wall"
    nothing_left
    run --separate-stderr alice srun -w node0 "$HELLO" --container-network=slow true
    refused "network 'slow': plugin hangs did not end within 2 seconds" network_timeout=
    nothing_left
    run ! node 0 pgrep -f 'sleep 987'
    nodes_idle
}

@test "a step that is cancelled, or whose program of networks is killed, while a plugin runs: all is undone" {
    local job
    node 0 sed -i 's|network_timeout=2|network_timeout=30|' /etc/slurm/plugstack.conf
    job=$(alice sbatch --parsable -w node0 -o /dev/null --wrap "srun $HELLO --container-network=slow true")
    retry 100 0.1 hangs
    alice scancel "$job"
    retry 200 0.1 job_is_gone "$job"
    nothing_left
    run ! hangs
    job=$(alice sbatch --parsable -w node0 -o /dev/null --wrap "srun $HELLO --container-network=plain,slow true")
    retry 100 0.1 hangs
    node 0 pkill -KILL -f '^dunnage-network up'
    retry 200 0.1 job_is_gone "$job"
    node 0 sed -i 's|network_timeout=30|network_timeout=2|' /etc/slurm/plugstack.conf
    nothing_left
    run ! hangs
    nodes_idle
}
hangs() { node 0 pgrep -f 'sleep 987' > /dev/null; }

@test "a step whose slurmstepd is killed: the job's epilog undoes its networks, else dunnage gc" {
    local job name
    job=$(serving "$LAB")
    retry 100 0.1 serves_inside
    node 0 pkill -KILL -f "slurmstepd: \[$job\.0\]"
    alice scancel "$job"
    retry 200 0.1 job_is_gone "$job"
    end_rank
    nothing_left

    # the record of a job that nobody knows any more
    job=$(serving "$LAB")
    retry 100 0.1 serves_inside
    node 0 pkill -KILL -f "slurmstepd: \[$job\.0\]"
    name=$(node 0 ls /run/dunnage-networks | head -1)
    node 0 sh -c 'cd /run/dunnage-networks && mv "$1" 4000000000.0 && touch 4000000000.0.ns && mount --bind "$1.ns" 4000000000.0.ns && umount "$1.ns" && rm "$1.ns" && touch -d yesterday 4000000000.0' -- "$name"
    alice scancel "$job"
    retry 200 0.1 job_is_gone "$job"
    end_rank
    node 0 /opt/dunnage/bin/dunnage gc -n | grep -x 'would remove networks of step 4000000000.0'
    node 0 /opt/dunnage/bin/dunnage gc | grep -x 'removed networks of step 4000000000.0'
    nothing_left
    nodes_idle
}
# Slurm does not look for the rank of a slurmstepd that was killed, nor for the step's cgroups, with or without a container
end_rank() {
    node 0 pkill -KILL -x httpd || true
    retry 40 0.25 groups_gone 0
}
serves_inside() { is_served 0 "$(node 0 sh -c 'cd /var/lib/cni/networks/lab && ls -d 10.*')"; }

@test "MPI programs in a network of the step's own are told, and none runs alone in silence" {
    run --separate-stderr alice srun -N1 -w node0 -n2 --mpi=pmix --container=/shared/images/mpi.sif "$LAB" ring.ompi
    grep -q 'this step has a network of its own, which ends at the node' <<< "$stderr" || saw
    [ "$status" -ne 0 ] || saw
    printed_no complete
    run --separate-stderr alice srun -N1 -w node0 -n2 --mpi=pmi2 --container=/shared/images/mpi.sif "$LAB" ring.mpich
    ran 0
    printed_line 'ring of 2 complete'
    nothing_left
}

@test "dunnage exec without root: a network of the site is refused with what to do" {
    run --separate-stderr alice dunnage exec --net --network lab /shared/images/hello.sif true
    refused 'srun --container-network=NAME' 'none'
    run --separate-stderr alice dunnage exec --net --network-args portmap=8080:80 /shared/images/hello.sif true
    refused 'srun --container-network=NAME'
}
