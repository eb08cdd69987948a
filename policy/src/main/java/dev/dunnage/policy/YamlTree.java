package dev.dunnage.policy;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds the located tree of a file that holds exactly one YAML document. Anchors, aliases and tags are findings: they
 * make a text mean something else than it says. So are keys that come twice.
 */
final class YamlTree {
    private static final int MAX_DEPTH = 16;

    private final YAMLParser parser;
    private final int[] source;
    private final Findings findings;

    private YamlTree(YAMLParser parser, int[] source, Findings findings) {
        this.parser = parser;
        this.source = source;
        this.findings = findings;
    }

    /**
     * The root of the document. Findings that do not stop the parser are added and the tree is returned.
     *
     * @throws SiteFileException with all findings so far, when the text cannot be parsed to its end
     */
    static Node parse(String text, Findings findings) throws SiteFileException {
        int[] source = text.codePoints().toArray();
        refuseControlCharacters(source, findings);
        Optional<Node> root = Optional.empty();
        try (YAMLParser parser = new YAMLFactory().createParser(text)) {
            root = new YamlTree(parser, source, findings).document();
        } catch (IOException e) {
            YamlSyntax.addTo(findings, e);
        }
        if (root.isEmpty()) {
            findings.check();
        }
        return root.orElseThrow(() -> new IllegalStateException("no tree and no finding"));
    }

    /** The parser names no place for them. */
    private static void refuseControlCharacters(int[] source, Findings findings) throws SiteFileException {
        int line = 1;
        int column = 1;
        for (int c : source) {
            boolean blank = c == '\t' || c == '\n' || c == '\r';
            if (!blank && (Character.isISOControl(c) || c == 0xFEFF || c == 0x2028 || c == 0x2029)) {
                findings.add(line, column, "", String.format("character U+%04X is not allowed: remove it", c));
            }
            column = c == '\n' ? 1 : column + 1;
            line = c == '\n' ? line + 1 : line;
        }
        findings.check();
    }

    private Optional<Node> document() throws IOException {
        if (parser.nextToken() == null) {
            findings.add(1, 1, "", "the file is empty: it must at least say 'version: 1'");
            return Optional.empty();
        }
        Node root = node("", 0);
        if (parser.nextToken() != null) {
            JsonLocation here = parser.currentTokenLocation();
            findings.add(here.getLineNr(), here.getColumnNr(), "", "a second document starts here: keep one per file");
        }
        return Optional.of(root);
    }

    /** The node whose first token is the current one. */
    private Node node(String path, int depth) throws IOException {
        JsonLocation here = parser.currentTokenLocation();
        int line = here.getLineNr();
        int column = here.getColumnNr();
        if (depth > MAX_DEPTH) {
            throw new YamlSyntax(line, column, "nested deeper than " + MAX_DEPTH + " levels: no setting is");
        }
        boolean plain = refuseMarks(path);
        return switch (parser.currentToken()) {
            case START_OBJECT -> new Node.Mapping(line, column, path, entries(path, depth));
            case START_ARRAY -> new Node.Sequence(line, column, path, items(path, depth));
            default -> new Node.Scalar(line, column, path, parser.getText(), plain);
        };
    }

    private Map<String, Node.Entry> entries(String path, int depth) throws IOException {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            String child = path.isEmpty() ? name : path + "." + name;
            JsonLocation here = parser.currentTokenLocation();
            refuseMarks(child);
            parser.nextToken();
            Node.Entry entry = new Node.Entry(here.getLineNr(), here.getColumnNr(), node(child, depth + 1));
            Node.Entry earlier = entries.putIfAbsent(name, entry);
            if (earlier != null) {
                findings.add(
                        entry.line(),
                        entry.column(),
                        child,
                        "is already set in line " + earlier.line() + ": keep one of the two");
            }
        }
        return entries;
    }

    private List<Node> items(String path, int depth) throws IOException {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(path + "[" + items.size() + "]", depth + 1));
        }
        return items;
    }

    /**
     * Adds a finding when the current token is an alias or has an anchor or tag. Tells from the first character whether a
     * scalar is written without quotes: the parser keeps neither that nor the anchor of a scalar.
     */
    private boolean refuseMarks(String path) {
        JsonLocation here = parser.currentTokenLocation();
        int first = firstCharacter(here);
        if (first == '&' || first == '*' || first == '!') {
            findings.add(
                    here.getLineNr(),
                    here.getColumnNr(),
                    path,
                    "anchors, aliases and tags (&, *, !) are not allowed: write the value out");
        }
        return first != '"' && first != '\'' && first != '|' && first != '>';
    }

    private int firstCharacter(JsonLocation location) {
        int offset = (int) location.getCharOffset();
        return offset >= 0 && offset < source.length ? source[offset] : '\n';
    }
}
