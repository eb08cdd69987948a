package dev.dunnage.launcher.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.dunnage.sif.Architecture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A pull of a small image from a registry in this process: {@code make-archive} starts it to learn which classes such commands need. The
 * directory that is the only argument gets the image.
 */
public final class PullRehearsal {
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String NAME = "/v2/rehearsal/";

    private final Map<String, byte[]> answers = new ConcurrentHashMap<>();

    private PullRehearsal() {}

    /** A pull that ends early, as on machines without tar2sqfs, has rehearsed what can happen there: no failure. */
    public static void main(String[] args) throws IOException {
        new PullRehearsal().run(args[0] + "/rehearsal.sif");
        System.exit(0);
    }

    private void run(String target) throws IOException {
        answers.put(NAME + "manifests/1", manifest());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        try {
            PrintWriter out = new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
            PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
            String reference = "docker://127.0.0.1:" + server.getAddress().getPort() + "/rehearsal:1";
            Main.run(new String[] {"pull", "--plain-http", target, reference}, out, err, false);
        } finally {
            server.stop(0);
        }
    }

    private byte[] manifest() throws IOException {
        String diff = digest(tar());
        byte[] config = text("{\"architecture\":\"" + Architecture.host().label()
                + "\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                + diff + "\"]}}");
        return text("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":"
                + blob("config.v1+json", config) + ",\"layers\":["
                + blob("layer.v1.tar+gzip", gzip(tar())) + "]}");
    }

    private String blob(String type, byte[] content) {
        answers.put(NAME + "blobs/" + digest(content), content);
        return "{\"mediaType\":\"application/vnd.oci.image." + type + "\",\"digest\":\"" + digest(content)
                + "\",\"size\":" + content.length + "}";
    }

    private static byte[] tar() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            tar.putArchiveEntry(new TarArchiveEntry("bin/"));
            tar.closeArchiveEntry();
            TarArchiveEntry file = new TarArchiveEntry("bin/sh");
            file.setSize(1);
            file.setModTime(0);
            file.addPaxHeader("mtime", "1.5");
            tar.putArchiveEntry(file);
            tar.write(new byte[1]);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] content = answers.getOrDefault(path, new byte[0]);
            if (path.contains("/manifests/")) {
                exchange.getResponseHeaders().add("Content-Type", MANIFEST);
            }
            exchange.sendResponseHeaders(answers.containsKey(path) || path.equals("/v2/") ? 200 : 404, content.length);
            exchange.getResponseBody().write(content);
        }
    }
}
