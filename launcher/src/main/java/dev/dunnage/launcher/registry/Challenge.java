package dev.dunnage.launcher.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a registry wants to be asked (RFC 9110, section 11).
 *
 * @param scheme lower case
 * @param parameters names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final Pattern TOKEN = Pattern.compile(
            "\\G[\\s,]*(?:([A-Za-z][A-Za-z0-9_-]*)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))|([A-Za-z][A-Za-z0-9-]*))");

    /** All challenges of these headers, in their order; text that is none is skipped. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> found = new ArrayList<>();
        for (String header : headers) {
            Matcher token = TOKEN.matcher(header);
            while (token.find()) {
                if (token.group(4) != null) {
                    found.add(new Challenge(token.group(4).toLowerCase(Locale.ROOT), new LinkedHashMap<>()));
                } else if (!found.isEmpty()) {
                    String value = token.group(2) == null
                            ? token.group(3)
                            : token.group(2).replaceAll("\\\\(.)", "$1");
                    found.get(found.size() - 1).parameters().put(token.group(1).toLowerCase(Locale.ROOT), value);
                }
            }
        }
        return found;
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }
}
