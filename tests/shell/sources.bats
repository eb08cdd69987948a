#!/usr/bin/env bats
# pull, push, search and exec against a real registry with passwords and TLS, a library, and servers that misbehave.

PORT=5600 TLS=5601 BAD=5602 LIBRARY=5603 PROXY=5604
PLAIN=127.0.0.1:$PORT

setup_file() {
    load ../lib/shell
    local d=$BATS_FILE_TMPDIR
    mkdir -p "$d/plain" "$d/tls" "$d/nginx"
    cp "$FIXTURES/images/hello-unsigned.sif" "$d/nginx/a.sif"
    echo '<html>no image</html>' > "$d/nginx/page"
    head -c "$(stat -c %s "$d/nginx/a.sif")" /dev/zero > "$d/nginx/wrong.bin"
    head -c 1000 "$d/nginx/a.sif" > "$d/nginx/short.bin"
    chmod -R a+rX "$d" "$(dirname "$d")"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test \
        -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout "$d/tls.key" -out "$d/tls.pem" 2> /dev/null
    htpasswd -nbB alice open:sesame > "$d/users" 2> /dev/null
    "$CHECKOUT/tests/lib/registry/serve" "$d/plain" "$PORT"
    HTTP_LINES="tls: {certificate: $d/tls.pem, key: $d/tls.key}" \
        "$CHECKOUT/tests/lib/registry/serve" "$d/tls" "$TLS" "auth: {htpasswd: {realm: test, path: $d/users}}"
    bad_server "$d/nginx"
    (exec 3>&- 4>&-; setsid "$CHECKOUT/tests/lib/registry/library" "$LIBRARY" "$d/library.log" s3cret-token < /dev/null > "$d/library.err" 2>&1 & echo $! > "$d/library.pid")
    machine sh -c "cat > /etc/tls.pem" < "$d/tls.pem"
    settings ''
}

# nginx in front of files and of the registry, each place with a fault of its own; and as a proxy, which alone knows another host
bad_server() {
    cat > "$1/conf" << CONF
user root; pid $1/pid; error_log $1/error.log; events {}
http {
  access_log $1/access.log; root $1; client_max_body_size 0; default_type application/octet-stream;
  limit_req_zone \$binary_remote_addr zone=few:1m rate=1r/m;
  server {
    listen 127.0.0.1:$BAD;
    location / { }
    location /slow/ { alias $1/; limit_rate 250k; }
    location /busy/ { alias $1/; limit_req zone=few; limit_req_status 429; add_header Retry-After 1 always; }
    location /broken/ { return 503; }
    location /elsewhere/ { return 302 http://localhost:$BAD/a.sif; }
    location /v2/ { proxy_pass http://$PLAIN; proxy_set_header Host \$http_host; }
    location ~ ^/v2/(wrong|short)/.*/blobs/sha256:[0-9a-f]+\$ {
      if (\$request_method = GET) { rewrite ^/v2/([a-z]+)/ /\$1.bin last; }
      proxy_pass http://$PLAIN; proxy_set_header Host \$http_host;
    }
  }
  server {
    listen 127.0.0.1:$PROXY;
    location / { proxy_pass http://127.0.0.1:$BAD\$request_uri; proxy_set_header Host \$http_host; }
  }
}
CONF
    nginx -c "$1/conf" 3>&- 4>&-
}

settings() {
    machine sh -c "printf 'version: 1\nregistries: {insecure: [\"$PLAIN\", \"127.0.0.1:$BAD\", \"127.0.0.1:$LIBRARY\", \"images.example.invalid\"], ca-bundle: /etc/tls.pem}\n$1' > /etc/dunnage/dunnage.yaml; chmod 644 /etc/dunnage/dunnage.yaml"
}

teardown_file() {
    load ../lib/shell
    local d=$BATS_FILE_TMPDIR
    kill "$(cat "$d/plain/pid")" "$(cat "$d/tls/pid")" "$(cat "$d/nginx/pid")" "$(cat "$d/library.pid")"
    machine sh -c 'rm -rf /etc/dunnage/* /home/*/.dunnage /etc/tls.pem'
}

setup() { load ../lib/shell; }
forget() { machine rm -rf /home/alice/.dunnage; }
web() { echo "http://127.0.0.1:$BAD/$1"; }
kept() { line 'ls ~/.dunnage/images/images 2>/dev/null | wc -l'; }
nothing_kept() { [ "$(kept)" = 0 ] || { line 'find ~/.dunnage/images'; return 1; }; }
# failed STATUS WORD...: one line, with the words and without passwords
failed() { ran "$1"; shift; refused "$@"; complained_not 'sesame|s3cret'; }

@test "push, pull, exec: a registry without passwords" {
    forget
    run --separate-stderr line "dunnage push $OPEN oras://$PLAIN/hpc/hello:1"
    ran 0
    printed_line "^pushed oras://$PLAIN/hpc/hello:1@sha256:[0-9a-f]{64}$"
    run --separate-stderr line "dunnage pull -F a.sif oras://$PLAIN/hpc/hello:1 && cmp a.sif $OPEN && ./a.sif --version > /dev/null || test -x a.sif"
    ran 0
    run --separate-stderr line "dunnage pull a.sif oras://$PLAIN/hpc/hello:1"
    failed 2 'a.sif exists' '--force'
    run --separate-stderr line "dunnage exec oras://$PLAIN/hpc/hello:1 cat /etc/os-release"
    ran 0
    printed_line 'Dunnage demo image hello'
    [ -z "$stderr" ] || saw
    all_gone
}

@test "ranks of one mpirun pull once" {
    forget
    : > "$BATS_FILE_TMPDIR/plain/registry.log"
    run --separate-stderr line "for i in 1 2 3 4; do PMI_RANK=\$i dunnage exec oras://$PLAIN/hpc/hello:1 true & done; wait"
    ran 0
    [ "$(grep -c 'GET /v2/.*/blobs/' "$BATS_FILE_TMPDIR/plain/registry.log")" = 1 ]
    run --separate-stderr line "dunnage exec --pull never oras://$PLAIN/hpc/hello:1 true"
    ran 0
    run --separate-stderr line "dunnage exec --pull never oras://$PLAIN/hpc/hello:2 true"
    failed 5 'oras://.*hello:2' 'not in the cache'
    all_gone
}

@test "passwords over TLS, from a login, a helper and Docker's file" {
    forget
    local there=oras://127.0.0.1:$TLS/app:1
    run --separate-stderr line "dunnage push $OPEN $there"
    failed 7 "$there" 401 "dunnage registry login 127.0.0.1:$TLS"
    run --separate-stderr line "echo wrong | dunnage registry login -u alice --password-stdin 127.0.0.1:$TLS"
    failed 7 401
    run --separate-stderr line "echo open:sesame | dunnage registry login -u alice --password-stdin 127.0.0.1:$TLS && dunnage push $OPEN $there"
    ran 0
    run --separate-stderr line "dunnage registry logout 127.0.0.1:$TLS && dunnage pull -F b.sif $there"
    failed 7 401
    run --separate-stderr line "mkdir -p ~/.docker bin; echo '{\"credHelpers\": {\"127.0.0.1:$TLS\": \"test\"}}' > ~/.docker/config.json
        printf '#!/bin/sh\necho \"{\\\\\"Username\\\\\":\\\\\"alice\\\\\",\\\\\"Secret\\\\\":\\\\\"open:sesame\\\\\"}\"\n' > bin/docker-credential-test; chmod 755 bin/*
        PATH=\$PATH:\$HOME/bin dunnage pull -F b.sif $there"
    ran 0
    run --separate-stderr line "echo '{\"auths\": {\"127.0.0.1:$TLS\": {\"auth\": \"$(printf alice:open:sesame | base64)\"}}}' > ~/.docker/config.json
        dunnage pull --pull always -F b.sif $there"
    ran 0
    line 'rm -rf .docker'
}

@test "no secret is among the arguments of any process, from the login to the signature" {
    forget
    local there=oras://127.0.0.1:$TLS/app:2 lib=127.0.0.1:$LIBRARY
    line 'strace -o trace true' || skip "SKIPPED: no process may be traced on this machine"
    line "umask 077; echo open:sesame > password; echo s3cret-token > token; echo pass-phrase > phrase; cp -f $OPEN signed.sif; rm -f k.sec*"
    LIMIT=150 run --separate-stderr line "strace -f -qq --seccomp-bpf -e trace=execve,execveat -s 65536 -o trace sh -ec '
        dunnage registry login -u alice --password-stdin 127.0.0.1:$TLS < password
        dunnage push $OPEN $there
        dunnage pull -F g.sif $there
        dunnage registry login --token --password-stdin $lib < token
        dunnage push $OPEN library://$lib/group/apps/quiet:1
        dunnage key newpair --name A --email a@example.org --output k.sec --passphrase-fd 5 5< phrase
        dunnage sign --key k.sec --passphrase-fd 5 signed.sif 5< phrase'"
    ran 0
    run line 'cat trace'
    printed_line 'execve.*"sign", .* = 0$'
    [ "$(grep -c 'java.*"push"' <<< "$output")" -ge 2 ] || saw
    printed_no "sesame|s3cret-token|pass-phrase|$(printf open:sesame | base64)|$(printf alice:open:sesame | base64)"
    line 'rm -f trace password token phrase'
}

@test "a library: push with a token, search, pull; the token stays with the library" {
    forget
    local lib=127.0.0.1:$LIBRARY
    run --separate-stderr line "dunnage push $OPEN library://$lib/group/apps/hello:1"
    failed 7 "library://$lib/group/apps/hello:1" 401 'dunnage registry login --token'
    run --separate-stderr line "echo s3cret-token | dunnage registry login --token --password-stdin $lib && dunnage push $OPEN library://$lib/group/apps/hello:1"
    ran 0
    run --separate-stderr line "dunnage search --library $lib hell"
    ran 0
    printed_line '^library://group/apps/hello'
    run --separate-stderr line "DUNNAGE_LIBRARY=http://$lib dunnage pull -F c.sif library://group/apps/hello:1 && cmp c.sif $OPEN"
    ran 0
    grep -q "localhost:$LIBRARY GET /files/.* nothing" "$BATS_FILE_TMPDIR/library.log"
    grep -q "^$lib GET /v1/imagefile/.* token" "$BATS_FILE_TMPDIR/library.log"
    run --separate-stderr line "DUNNAGE_LIBRARY=http://$lib dunnage pull -F c.sif library://group/apps/hello:2"
    failed 7 'library://group/apps/hello:2' 404
    run --separate-stderr line 'dunnage pull library://group/apps/hello:1'
    failed 7 'no library is configured' 'DUNNAGE_LIBRARY'
}

@test "a slow server is waited for, and an interrupted pull goes on where it was" {
    forget
    run line "dunnage pull d.sif $(web slow/a.sif) & until [ -s ~/.dunnage/images/partial/web-* ]; do sleep 0.1; done; pkill -KILL -u alice java; wait \$!"
    [ "$status" = 137 ] || saw
    nothing_kept
    run line 'ls d.sif'
    [ "$status" -ne 0 ] || saw
    run --separate-stderr line "stat -c %s ~/.dunnage/images/partial/*"
    [ "$output" -gt 0 ] || saw
    : > "$BATS_FILE_TMPDIR/nginx/access.log"
    run --separate-stderr line "dunnage pull -F d.sif $(web slow/a.sif) && cmp d.sif $OPEN"
    ran 0
    grep -q 'GET /slow/a.sif HTTP/1.1" 206' "$BATS_FILE_TMPDIR/nginx/access.log"
}

@test "of an image for several architectures comes the machine's own, or the one that was asked for" {
    forget
    mkdir -p "$BATS_FILE_TMPDIR/layer"
    echo mark > "$BATS_FILE_TMPDIR/layer/mark"
    ARCHITECTURES='arm64 amd64' "$CHECKOUT/tests/lib/registry/push-layers" "$PLAIN" lib/several 1 "$FIXTURES/roots/hello" "$BATS_FILE_TMPDIR/layer"
    run --separate-stderr line "dunnage pull -F own.sif docker://$PLAIN/lib/several:1 && dunnage exec own.sif cat /mark"
    ran 0
    printed_line '^mark$'
    run --separate-stderr line "dunnage pull --arch arm64 -F arm.sif docker://$PLAIN/lib/several:1 && dunnage sif header arm.sif"
    ran 0
    printed_line '[Aa]rch.*arm64'
    run --separate-stderr line 'dunnage exec arm.sif true'
    [ "$status" -ne 0 ] || saw
    refused arm64
    run --separate-stderr line "dunnage pull --arch riscv64 -F no.sif docker://$PLAIN/lib/several:1"
    failed 7 riscv64
}

@test "a proxy that the environment names, and a host that is reached without it" {
    forget
    local there=http://images.example.invalid/a.sif
    run --separate-stderr line "http_proxy=http://127.0.0.1:$PROXY dunnage pull -F p.sif $there && cmp p.sif $OPEN"
    ran 0
    run --separate-stderr line "http_proxy=http://127.0.0.1:$PROXY no_proxy=.example.invalid dunnage pull --pull always -F p.sif $there"
    failed 7 "$there"
}

@test "429, 5xx, a page in place of an image, a wrong digest, another origin" {
    forget
    run --separate-stderr line "dunnage pull -F e.sif $(web broken/a.sif)"
    ran 7
    grep -q 'broken/a.sif.*503' <<< "$stderr" || saw
    run --separate-stderr line "dunnage pull -F e.sif $(web page)"
    failed 7 'page' 'no SIF image' 'check the address'
    run --separate-stderr line "dunnage pull -F e.sif $(web a.sif)@sha256:$(printf '0%.0s' {1..64})"
    failed 7 'digest' 'instead of sha256:0000'
    run --separate-stderr line "dunnage pull -F e.sif $(web busy/a.sif)"
    [ "$status" = 7 ] || saw
    grep -q 'answers with HTTP status 429, asking again in' <<< "$stderr" || saw
    grep -q 'too many requests' <<< "$stderr" || saw
    nothing_kept
    run --separate-stderr line "dunnage push $OPEN oras://$PLAIN/wrong/app:1 && dunnage pull -F e.sif oras://127.0.0.1:$BAD/wrong/app:1"
    failed 7 "oras://127.0.0.1:$BAD/wrong/app:1: the content has the digest" 'instead of sha256:'
    run --separate-stderr line "dunnage push $OPEN oras://$PLAIN/short/app:1 && dunnage pull -F e.sif oras://127.0.0.1:$BAD/short/app:1"
    failed 7 "oras://127.0.0.1:$BAD/short/app:1: 127.0.0.1 sends 1000 bytes where [0-9]+ belong"
    nothing_kept
    run --separate-stderr line "dunnage pull -F e.sif $(web elsewhere/a.sif) && cmp e.sif $OPEN"
    ran 0
}

@test "the site's list of registries, its own cache, and the size limit" {
    forget
    settings 'image-cache: {shared: /open/shared, size: 2MiB}\n'
    run --separate-stderr machine sh -c "dunnage pull --to-cache --cache /open/shared oras://$PLAIN/hpc/hello:1 && chmod -R a+rX /open/shared"
    ran 0
    run --separate-stderr line "dunnage pull --to-cache --pull never oras://$PLAIN/hpc/hello:1"
    ran 0
    printed_line '^/open/shared/images/'
    run --separate-stderr line "dunnage push /images/hello.sif oras://$PLAIN/hpc/signed:1; dunnage pull --to-cache $(web a.sif)
        dunnage pull --to-cache oras://$PLAIN/hpc/signed:1; dunnage cache list"
    ran 0
    printed_line "hpc/signed:1"
    printed_line '^1 images'
    settings '' && machine sed -i 's/registries: {/registries: {allowed: ["*.example.org"], /' /etc/dunnage/dunnage.yaml
    run --separate-stderr line "dunnage pull -F e.sif oras://$PLAIN/hpc/hello:3"
    failed 7 'this site does not allow images from' 'registries.allowed'
    settings ''
}

@test "shub is gone; nonsense is refused" {
    run --separate-stderr line 'dunnage pull shub://a/b'
    failed 2 'Singularity Hub is gone'
    run --separate-stderr line 'dunnage pull oras://h/a:b:c'
    failed 2 'oras://h/a:b:c'
    run --separate-stderr line 'dunnage pull --pull sometimes oras://h.example/a'
    failed 2 '--pull sometimes' 'missing'
    run --separate-stderr line 'dunnage exec --pull sometimes oras://h.example/a true'
    failed 2 '--pull' 'missing, always or never'
}

@test "a progress bar on a terminal, nothing in a pipe" {
    forget
    run line "script -qec 'dunnage pull -F f.sif $(web slow/a.sif)' /dev/null"
    ran 0
    printed_line '#.* %  .* of 1.8 MiB .*/s .* left'
    run --separate-stderr line "dunnage pull -F f.sif --pull always $(web a.sif) | cat"
    ran 0
    [ -z "$stderr" ] || saw
}
