package dev.dunnage.launcher.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A certificate authority of one test, a server's certificate, and passwords for it. */
record TlsFiles(Path authority, Path certificate, Path key) {
    static TlsFiles make(Path directory) throws Exception {
        Path key = directory.resolve("server.key");
        Path certificate = directory.resolve("server.pem");
        run(List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=test",
                "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString()));
        return new TlsFiles(certificate, certificate, key);
    }

    static String htpasswd(String user, String password) throws Exception {
        return run(List.of("htpasswd", "-nbB", user, password));
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
