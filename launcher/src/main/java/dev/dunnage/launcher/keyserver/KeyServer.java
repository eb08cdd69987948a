package dev.dunnage.launcher.keyserver;

import dev.dunnage.launcher.keys.KeyBlock;
import dev.dunnage.launcher.keys.KeyFileException;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebSettings;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A key server that speaks HKP (draft-shaw-openpgp-hkp-00) over HTTP or HTTPS. */
public final class KeyServer {
    /** The server that is asked unless another one is named. */
    public static final String DEFAULT = "https://keys.openpgp.org";

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int SHORT = 4096;
    private static final Pattern UNKNOWN = Pattern.compile(
            "\\A(?!.*(-----BEGIN|^(info|pub):)).*\\b(not found|no (results|keys?) found)\\b",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL | Pattern.MULTILINE);

    private final ServerAddress address;
    private final Exchange exchange;

    /**
     * Connects to nothing yet.
     *
     * @param patience for each request, from connecting to the last byte
     * @param settings of which certificates and proxies count
     * @throws WebException when the certificates cannot be used
     */
    public KeyServer(ServerAddress address, Duration patience, WebSettings settings, Progress progress)
            throws WebException {
        this.address = address;
        this.exchange = new Exchange(settings, patience, progress);
    }

    /**
     * Keys whose user ids contain the text, as the server lists them.
     *
     * @return empty when there are none
     * @throws KeyServerException when the server fails or talks nonsense
     */
    public List<ListedKey> search(String text) throws IOException, KeyServerException {
        Exchange.Answer answer = get("/pks/lookup?op=index&options=mr&fingerprint=on&search=" + escape(text));
        if (saysUnknown(answer)) {
            return List.of();
        }
        check(answer);
        return IndexReader.parse(answer.body()).orElseThrow(() -> nonsense("it is no list of keys"));
    }

    /**
     * The key with this fingerprint; any other key that the server sends is dropped.
     *
     * @param fingerprint 40 upper-case hex digits
     * @return empty when the server does not have it
     * @throws KeyServerException when the server fails or talks nonsense
     */
    public Optional<KeyBlock> fetch(String fingerprint) throws IOException, KeyServerException {
        Exchange.Answer answer = get("/pks/lookup?op=get&options=mr&search=0x" + fingerprint);
        if (saysUnknown(answer)) {
            return Optional.empty();
        }
        check(answer);
        try {
            for (KeyBlock block : KeyBlock.decode(answer.body())) {
                if (!block.secret() && block.facts().fingerprint().equals(fingerprint)) {
                    return Optional.of(block);
                }
            }
        } catch (KeyFileException e) {
            throw nonsense(String.valueOf(e.getMessage()).replaceFirst(";.*", ""));
        }
        throw nonsense("it holds another key than the one that was asked for");
    }

    /**
     * Publishes a key; servers do not forget.
     *
     * @param armored one or more public keys
     */
    public void publish(String armored) throws IOException, KeyServerException {
        Optional<String> form = Optional.of("keytext=" + escape(armored));
        check(exchange.send(address.resolve("/pks/add"), form, address.authorization()));
    }

    private Exchange.Answer get(String pathAndQuery) throws IOException, KeyServerException {
        return exchange.send(address.resolve(pathAndQuery), Optional.empty(), address.authorization());
    }

    /** Some servers, onak for one, tell it in words and with status 200. */
    private static boolean saysUnknown(Exchange.Answer answer) {
        return answer.status() == NOT_FOUND
                || (answer.status() == OK
                        && answer.body().length <= SHORT
                        && UNKNOWN.matcher(text(answer)).find());
    }

    private static String text(Exchange.Answer answer) {
        return new String(answer.body(), StandardCharsets.ISO_8859_1);
    }

    private void check(Exchange.Answer answer) throws KeyServerException {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return;
        }
        String remedy = switch (status) {
            case 401, 403 -> "it does not let you do this; check user and password in the address";
            case 429 -> "it has too many requests; wait and try again";
            case NOT_FOUND, 405, 501 -> "it is no key server or cannot do this; check the address given with --url";
            default ->
                status >= 500
                        ? "the fault is its own; try again later, or name another server with --url"
                        : "it does not take the request; name another server with --url";
        };
        throw new KeyServerException("key server " + address + " answers with HTTP status " + status + ": " + remedy);
    }

    private KeyServerException nonsense(String why) {
        return new KeyServerException("the answer of " + address + " cannot be used: " + why
                + "; check that this is the address of a key server");
    }

    private static String escape(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
