# Root trees of the images: hello (busybox), base (Debian), mpi (base + MPI), slurm (base + Slurm's commands).
# shellcheck shell=bash
# shellcheck disable=SC2153  # PROGRAMS is set by fixtures

make_trees() {
    local programs dressed base
    programs=$(hash "$PROGRAMS"/*.c "$PROGRAMS"/*.f90)
    dressed=$programs$(hash "$HERE/image/environment.sh" "$HERE/image/runscript")$(code dress mark slim)
    base=$(code tree_base)$MIRROR
    made programs "$programs$(code compile_programs)" compile_programs
    made root-hello "$dressed$(code tree_hello)" tree_hello
    made root-base "$base" tree_base
    made root-mpi "$base$dressed$(code tree_mpi add_packages)" tree_mpi
    made root-slurm "$base$dressed$(code tree_slurm add_packages)" tree_slurm
}

compile_programs() {
    local p warn="-std=gnu11 -O2 -Wall -Wextra -Werror -Wshadow"
    # shellcheck disable=SC2086  # a list of flags
    for p in probe ender impostor; do gcc $warn -static -o "$FIXTURES/bin/$p" "$PROGRAMS/$p.c"; done
    for p in ring large spawn; do
        # shellcheck disable=SC2086
        mpicc.openmpi $warn -o "$FIXTURES/bin/$p.ompi" "$PROGRAMS/$p.c"
        # shellcheck disable=SC2086
        mpicc.mpich $warn -o "$FIXTURES/bin/$p.mpich" "$PROGRAMS/$p.c"
    done
    mpif90.openmpi -O2 -J "$FIXTURES/bin" -o "$FIXTURES/bin/fortran.ompi" "$PROGRAMS/fortran.f90"
    mpif90.mpich -O2 -J "$FIXTURES/bin" -o "$FIXTURES/bin/fortran.mpich" "$PROGRAMS/fortran.f90"
}

# begin NAME: an empty directory for the new tree; finish NAME puts it in place
begin() { rm -rf "$FIXTURES/roots/$1.part"; mkdir -p "$FIXTURES/roots/$1.part"; }
finish() { rm -rf "$FIXTURES/roots/$1"; mv "$FIXTURES/roots/$1.part" "$FIXTURES/roots/$1"; }

# dress TREE NAME: what every demo image has
dress() {
    local d=$1/.singularity.d
    mkdir -p "$d/env" "$1/usr/local/bin"
    install -m 755 "$HERE/image/environment.sh" "$d/env/90-environment.sh"
    install -m 755 "$HERE/image/runscript" "$d/runscript"
    printf '{"org.label-schema.name": "%s", "org.label-schema.vendor": "Dunnage tests"}\n' "$2" > "$d/labels.json"
    install -m 755 "$FIXTURES/bin/probe" "$FIXTURES/bin/ender" "$1/usr/local/bin"
    # a setuid copy: it must give no rights
    install -m 4755 "$FIXTURES/bin/probe" "$1/usr/local/bin/setuid-probe"
    # this program is in no host: it proves that a command came from the image
    printf '#!/bin/sh\necho "image %s"\n' "$2" > "$1/usr/local/bin/which-image"
    chmod 755 "$1/usr/local/bin/which-image"
}

# mark TREE NAME: an os-release that differs from the host's
mark() {
    mkdir -p "$1/usr/lib" "$1/etc"
    rm -f "$1/etc/os-release" "$1/usr/lib/os-release"
    printf 'NAME="Dunnage demo"\nPRETTY_NAME="Dunnage demo image %s"\nID=dunnage-demo\nVERSION_ID=1\n' "$2" > "$1/usr/lib/os-release"
    ln -s ../usr/lib/os-release "$1/etc/os-release"
}

tree_hello() {
    local t=$FIXTURES/roots/hello.part applet
    begin hello
    mkdir -p "$t"/{bin,dev,etc,home,proc,root,run,sys,tmp,usr/bin,usr/lib,var/tmp}
    chmod 1777 "$t/tmp" "$t/var/tmp"
    install -m 755 /bin/busybox "$t/bin/busybox"
    for applet in $(/bin/busybox --list); do
        [ "$applet" = busybox ] || ln -s busybox "$t/bin/$applet"
    done
    ln -s ../../bin/env "$t/usr/bin/env"
    echo 'root:x:0:0:root:/root:/bin/sh' > "$t/etc/passwd"
    echo 'root:x:0:' > "$t/etc/group"
    mark "$t" hello
    dress "$t" hello
    finish hello
}

tree_base() {
    begin base
    debootstrap --variant=minbase bookworm "$FIXTURES/roots/base.part" "$MIRROR"
    no_daemons "$FIXTURES/roots/base.part"
    finish base
}

# add_packages TREE PACKAGE...
add_packages() {
    local t=$1
    shift
    cp /etc/resolv.conf "$t/etc/resolv.conf"
    chroot "$t" env DEBIAN_FRONTEND=noninteractive LC_ALL=C sh -ec '
        apt-get -qq -o Acquire::Check-Valid-Until=false update  # a mirror may lag behind
        apt-get -qq -y --no-install-recommends install "$@"' -- "$@" < /dev/null
}

# slim TREE: drops what no test reads, so that the image is quick to pack
slim() {
    rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb \
        "$1"/usr/share/{doc,man,info,locale,lintian} "$1"/usr/lib/x86_64-linux-gnu/gconv "$1"/etc/resolv.conf
    # device files of debootstrap: the host's /dev comes over them
    find "$1/dev" -mindepth 1 -delete
}

# Apptainer is not in Debian 12: a tree of Debian sid, to be entered by tests/lib/tree.
tree_apptainer() {
    local t=$FIXTURES/roots/apptainer.part
    begin apptainer
    debootstrap --variant=minbase --include=apptainer,gocryptfs,openssl,squashfuse sid "$t" "$MIRROR"
    rm -rf "$t"/var/lib/apt/lists/* "$t"/var/cache/apt/*.bin "$t"/var/cache/apt/archives/*.deb "$t"/usr/share/{doc,man,info,locale}
    habitable "$t"
    finish apptainer
}

# habitable TREE: what tests/lib/tree needs
habitable() {
    # its own device: the host's is not open to all users everywhere
    mknod -m 666 "$1/dev/fuse" c 10 229
    touch "$1/etc/hosts"
    chroot "$1" useradd --uid 2003 --home-dir /home/peer --no-create-home --shell /bin/bash peer
    mkdir -p "$1/home/peer" "$1/old"
}

make_apptainer() { made root-apptainer "$(code tree_apptainer habitable begin finish)$MIRROR" tree_apptainer; }

tree_mpi() {
    local t=$FIXTURES/roots/mpi.part
    begin mpi
    cp -a "$FIXTURES/roots/base/." "$t"
    add_packages "$t" libopenmpi3 openmpi-common libmpich12 libgfortran5
    slim "$t"
    install -m 755 "$FIXTURES"/bin/{ring,large,spawn,fortran}.* "$t/usr/local/bin"
    mark "$t" mpi
    dress "$t" mpi
    finish mpi
}

# Debian 11, 13 and the coming one, whose MPI libraries are older and newer than the host's; the programs are compiled in them.
tree_release() { # NAME SUITE PACKAGE...
    local t=$FIXTURES/roots/$1.part name=$1 suite=$2 p
    shift 2
    begin "$name"
    debootstrap --variant=minbase "$suite" "$t" "$MIRROR"
    no_daemons "$t"
    add_packages "$t" gcc gfortran libc6-dev libopenmpi-dev libmpich-dev "$@"
    mkdir "$t/programs"
    cp "$PROGRAMS"/{ring,large,spawn}.c "$PROGRAMS/fortran.f90" "$t/programs"
    for p in ompi:openmpi mpich:mpich; do
        # shellcheck disable=SC2016  # for the tree's shell
        chroot "$t" env LC_ALL=C sh -ec 'cd /programs
            for c in ring large spawn; do "mpicc.$2" -O2 -o "/usr/local/bin/$c.$1" "$c.c"; done
            "mpif90.$2" -O2 -o "/usr/local/bin/fortran.$1" fortran.f90' -- "${p%:*}" "${p#*:}" < /dev/null
    done
    rm -rf "$t/programs"
    slim "$t"
    rm -rf "$t"/usr/lib/gcc "$t"/usr/libexec/gcc "$t"/usr/include "$t"/usr/lib/x86_64-linux-gnu/*.a
    mark "$t" "$name"
    dress "$t" "$name"
    finish "$name"
}

# made for the long form of the tests alone
make_releases() {
    local programs
    programs=$(hash "$PROGRAMS"/*.c "$PROGRAMS"/*.f90)$(code tree_release add_packages slim dress mark)$MIRROR
    made programs "$(hash "$PROGRAMS"/*.c "$PROGRAMS"/*.f90)$(code compile_programs)" compile_programs
    made root-mpi11 "$programs" tree_release mpi11 bullseye
    made root-mpi13 "$programs" tree_release mpi13 trixie
    made root-mpisid "$programs" tree_release mpisid sid
    made root-host13 "$programs$(code tree_host13 habitable)" tree_host13
}

# A machine of Debian 13 with its mpirun, its Java and its squashfuse.
tree_host13() {
    local t=$FIXTURES/roots/host13.part
    begin host13
    cp -a "$FIXTURES/roots/mpi13/." "$t"
    mknod -m 666 "$t/dev/null" c 1 3
    mknod -m 666 "$t/dev/zero" c 1 5
    mknod -m 666 "$t/dev/urandom" c 1 9
    mknod -m 666 "$t/dev/tty" c 5 0
    # Java's installation wants /proc
    export -f add_packages
    # shellcheck disable=SC2016  # for the inner shell
    unshare --mount --propagation private bash -ec 'mount -t proc proc "$1/proc"
        add_packages "$1" openjdk-21-jre-headless squashfuse fuse3 procps' - "$t"
    rm -rf "$t"/var/lib/apt/lists/* "$t"/var/cache/apt/*.bin
    ln -s /proc/self/fd "$t/dev/fd"
    mkdir -p "$t/dev/shm" "$t/dev/pts"
    chmod 1777 "$t/dev/shm"
    habitable "$t"
    finish host13
}

# A machine whose Java makes AOT caches.
tree_java25() {
    local t=$FIXTURES/roots/java25.part
    begin java25
    debootstrap --variant=minbase sid "$t" "$MIRROR"
    export -f add_packages
    # shellcheck disable=SC2016  # for the inner shell
    unshare --mount --propagation private bash -ec 'mount -t proc proc "$1/proc"
        add_packages "$1" openjdk-25-jre-headless squashfuse' - "$t"
    rm -rf "$t"/var/lib/apt/lists/* "$t"/var/cache/apt/*.bin "$t"/var/cache/apt/archives/*.deb
    habitable "$t"
    finish java25
}

make_java25() { made root-java25 "$(code tree_java25 habitable add_packages begin finish)$MIRROR" tree_java25; }

# A machine with the Slurm, the Java and the C library of another Debian release, and what the C parts are compiled with: a plugin serves
# the release of Slurm alone that it was made for.
tree_slurm_release() { # NAME SUITE JAVA
    local t=$FIXTURES/roots/$1.part
    begin "$1"
    debootstrap --variant=minbase "$2" "$t" "$MIRROR"
    no_daemons "$t"
    export -f add_packages
    # shellcheck disable=SC2016  # for the inner shell
    unshare --mount --propagation private bash -ec 'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"
        add_packages "$1" slurmctld slurmd slurm-client slurm-wlm-basic-plugins slurm-wlm-basic-plugins-dev libslurm-dev munge iproute2 procps \
            gcc libc6-dev make binutils libjson-c-dev libseccomp-dev libpmix-dev "$2" squashfuse fuse3 busybox-static python3 xauth' - "$t" "$3"
    rm -rf "$t"/var/lib/apt/lists/* "$t"/var/cache/apt/*.bin "$t"/var/cache/apt/archives/*.deb
    finish "$1"
}

# make_slurm NAME: slurm11 (20.11), slurm13 (24.11) or slurmsid (the coming one)
make_slurm() {
    local suite java
    case $1 in
        slurm11) suite=bullseye java=openjdk-17-jre-headless ;;
        slurm13) suite=trixie java=openjdk-21-jre-headless ;;
        slurmsid) suite=sid java=openjdk-25-jre-headless ;;
        *) die "no release '$1'; known: slurm11, slurm13, slurmsid" ;;
    esac
    made "root-$1" "$(code tree_slurm_release add_packages begin finish)$MIRROR" tree_slurm_release "$1" "$suite" "$java"
}

tree_slurm() {
    local t=$FIXTURES/roots/slurm.part
    begin slurm
    cp -a "$FIXTURES/roots/base/." "$t"
    add_packages "$t" slurm-client
    slim "$t"
    mark "$t" slurm
    dress "$t" slurm
    finish slurm
}
