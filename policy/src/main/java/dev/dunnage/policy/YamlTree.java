package dev.dunnage.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Builds the located tree of a file that holds exactly one YAML document. Anchors, aliases and tags are findings: they
 * make a text mean something else than it says. So are keys that come twice.
 */
final class YamlTree {
    private static final int MAX_DEPTH = 16;

    private final Parser parser;
    private final int[] source;
    private final Findings findings;

    private YamlTree(Parser parser, int[] source, Findings findings) {
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
        try {
            Parser parser = new ParserImpl(new StreamReader(text), new LoaderOptions());
            root = new YamlTree(parser, source, findings).document();
        } catch (YAMLException e) {
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

    private Optional<Node> document() {
        parser.getEvent(); // the start of the stream
        if (parser.getEvent().is(Event.ID.StreamEnd)) {
            findings.add(1, 1, "", "the file is empty: it must at least say 'version: 1'");
            return Optional.empty();
        }
        Node root = node(parser.getEvent(), "", 0);
        parser.getEvent(); // the end of the document
        if (!parser.getEvent().is(Event.ID.StreamEnd)) {
            Mark here = parser.getEvent().getStartMark();
            findings.add(line(here), column(here), "", "a second document starts here: keep one per file");
        }
        return Optional.of(root);
    }

    private static int line(Mark mark) {
        return mark.getLine() + 1;
    }

    private static int column(Mark mark) {
        return mark.getColumn() + 1;
    }

    /** The node that starts with an event. */
    private Node node(Event first, String path, int depth) {
        int line = line(first.getStartMark());
        int column = column(first.getStartMark());
        if (depth > MAX_DEPTH) {
            throw new YamlSyntax(line, column, "nested deeper than " + MAX_DEPTH + " levels: no setting is");
        }
        boolean plain = refuseMarks(first, path);
        return switch (first.getEventId()) {
            case MappingStart -> new Node.Mapping(line, column, path, entries(path, depth));
            case SequenceStart -> new Node.Sequence(line, column, path, items(path, depth));
            default -> new Node.Scalar(line, column, path, text(first), plain);
        };
    }

    private Map<String, Node.Entry> entries(String path, int depth) {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        for (Event key = parser.getEvent(); !key.is(Event.ID.MappingEnd); key = parser.getEvent()) {
            String name = text(key);
            String child = path.isEmpty() ? name : path + "." + name;
            refuseMarks(key, child);
            Mark here = key.getStartMark();
            Node.Entry entry = new Node.Entry(line(here), column(here), node(parser.getEvent(), child, depth + 1));
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

    private List<Node> items(String path, int depth) {
        List<Node> items = new ArrayList<>();
        for (Event item = parser.getEvent(); !item.is(Event.ID.SequenceEnd); item = parser.getEvent()) {
            items.add(node(item, path + "[" + items.size() + "]", depth + 1));
        }
        return items;
    }

    /** What a scalar says, or an alias, which is a finding. */
    private static String text(Event event) {
        if (event instanceof ScalarEvent scalar) {
            return scalar.getValue();
        } else if (event instanceof AliasEvent alias) {
            return alias.getAnchor();
        }
        Mark here = event.getStartMark();
        throw new YamlSyntax(line(here), column(here), "not valid YAML: a key must be plain text");
    }

    /** Adds a finding for an alias, an anchor or a tag; whether a scalar is written without quotes. */
    private boolean refuseMarks(Event event, String path) {
        Mark here = event.getStartMark();
        int first = here.getIndex() < source.length ? source[here.getIndex()] : '\n';
        if (first == '&' || first == '*' || first == '!') {
            findings.add(
                    line(here),
                    column(here),
                    path,
                    "anchors, aliases and tags (&, *, !) are not allowed: write the value out");
        }
        return first != '"' && first != '\'' && first != '|' && first != '>';
    }
}
