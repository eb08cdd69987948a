package dev.dunnage.launcher.definition;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads definition files as Apptainer knows them. */
public final class DefinitionParser {
    /** Sections that there can be. */
    static final Set<String> SECTIONS = Set.of(
            "pre",
            "setup",
            "files",
            "post",
            "environment",
            "runscript",
            "startscript",
            "test",
            "labels",
            "help",
            "arguments",
            "appinstall",
            "appfiles",
            "appenv",
            "applabels",
            "apprun",
            "appstart",
            "apptest",
            "apphelp");

    private static final Set<String> SCRIPTS =
            Set.of("pre", "setup", "post", "runscript", "startscript", "test", "environment");
    private static final Set<String> KEYS = Set.of(
            "bootstrap", "from", "registry", "namespace", "library", "mirrorurl", "osversion", "include", "stage");
    private static final Pattern START = Pattern.compile("^Bootstrap\\s*:.*", Pattern.CASE_INSENSITIVE);
    private static final Pattern HEADER = Pattern.compile("\\s*([A-Za-z]+[0-9]*)\\s*:\\s*(.*?)\\s*");
    private static final Pattern SECTION = Pattern.compile("(\\s*)%([A-Za-z]+)(?:\\s+(.*?))?\\s*");
    private static final Pattern APP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Pattern STAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private final String file;

    private DefinitionParser(String file) {
        this.file = file;
    }

    /**
     * Reads.
     *
     * @param file for messages
     * @param given values of variables
     */
    public static Definition parse(String file, String text, Map<String, String> given) throws DefinitionException {
        return new DefinitionParser(file).read(text, given);
    }

    private Definition read(String text, Map<String, String> given) throws DefinitionException {
        List<String> lines = new ArrayList<>(text.replace("\r\n", "\n").lines().toList());
        if (text.indexOf('\0') >= 0) {
            throw error(1, "this is no text; give a definition file, an image or a tree");
        }
        List<Integer> starts = new ArrayList<>();
        for (int at = 0; at < lines.size(); at++) {
            if (START.matcher(lines.get(at)).matches()) {
                starts.add(at);
            }
        }
        if (starts.isEmpty()) {
            throw error(1, "no line 'Bootstrap: KIND'; a definition begins with one, such as Bootstrap: docker");
        }
        starts.set(0, 0); // comments and other keys may stand before it
        Template template = new Template(file, given);
        List<String> filled = new ArrayList<>();
        List<Stage> stages = new ArrayList<>();
        for (int at = 0; at < starts.size(); at++) {
            int from = starts.get(at);
            int to = at + 1 < starts.size() ? starts.get(at + 1) : lines.size();
            List<String> part = template.fill(lines.subList(from, to), from + 1);
            filled.addAll(part);
            stages.add(stage(part, from + 1));
        }
        Optional<String> unused = template.unused();
        if (unused.isPresent()) {
            throw error(1, "no {{ " + unused.get() + " }} here; take --build-arg " + unused.get() + " away");
        }
        checkStages(stages);
        return new Definition(file, String.join("\n", filled) + "\n", stages);
    }

    private Stage stage(List<String> lines, int firstLine) throws DefinitionException {
        int at = 0;
        Map<String, String> header = new LinkedHashMap<>();
        int start = firstLine;
        while (at < lines.size() && !lines.get(at).strip().startsWith("%")) {
            int number = firstLine + at;
            StringBuilder line = new StringBuilder(uncommented(lines.get(at++)));
            while (endsOpen(line) && at < lines.size()) {
                line.setLength(line.length() - 1);
                line.append(' ').append(uncommented(lines.get(at++)).strip());
            }
            if (!line.toString().isBlank()) {
                String key = take(line.toString(), number, header);
                start = key.equals("bootstrap") ? number : start;
            }
        }
        List<Section> sections = sections(lines.subList(at, lines.size()), firstLine + at);
        checkHeader(header, start);
        return new Stage(header, sections, start);
    }

    private static boolean endsOpen(StringBuilder line) {
        return line.length() > 0 && line.charAt(line.length() - 1) == '\\';
    }

    /** Not within an address: a comment has a blank in front. */
    private static String uncommented(String line) {
        return line.replaceFirst("(?:^|\\s)#.*$", "").stripTrailing();
    }

    private String take(String line, int number, Map<String, String> header) throws DefinitionException {
        Matcher entry = HEADER.matcher(line);
        if (!entry.matches()) {
            throw error(number, "'" + line.strip() + "' is not KEY: VALUE; sections begin with a line such as %post");
        }
        String key = entry.group(1).toLowerCase(Locale.ROOT);
        if (!KEYS.contains(key)) {
            throw error(number, "unknown key '" + entry.group(1) + "'; known are " + list(KEYS));
        } else if (entry.group(2).isEmpty()) {
            throw error(number, entry.group(1) + ": has no value");
        } else if (header.put(key, entry.group(2)) != null) {
            throw error(number, entry.group(1) + ": stands here twice");
        }
        return key;
    }

    private void checkHeader(Map<String, String> header, int line) throws DefinitionException {
        String kind = header.getOrDefault("bootstrap", "").toLowerCase(Locale.ROOT);
        header.put("bootstrap", kind);
        Bootstrap bootstrap = Bootstrap.named(kind)
                .orElseThrow(() -> error(
                        line,
                        "Bootstrap: " + kind + " is not offered; known are "
                                + list(Arrays.stream(Bootstrap.values())
                                        .map(Bootstrap::word)
                                        .toList())));
        String key = bootstrap.needed();
        if (!key.isEmpty() && !header.containsKey(key)) {
            String wanted = key.equals("from") ? "From: IMAGE" : "OSVersion: SUITE";
            throw error(line, "Bootstrap: " + kind + " wants a line " + wanted);
        }
        String stage = header.getOrDefault("stage", "x");
        if (!STAGE.matcher(stage).matches()) {
            throw error(line, "Stage: " + stage + " is no name; take letters, digits, '.', '_' and '-'");
        }
    }

    /** The section that a line begins; empty for any other. */
    static Optional<String> sectionName(String line) {
        Matcher matcher = SECTION.matcher(line);
        return Optional.of(matcher)
                .filter(Matcher::matches)
                .map(found -> found.group(2).toLowerCase(Locale.ROOT))
                .filter(SECTIONS::contains);
    }

    private List<Section> sections(List<String> lines, int firstLine) throws DefinitionException {
        List<Section> sections = new ArrayList<>();
        int at = 0;
        while (at < lines.size()) {
            int number = firstLine + at;
            Matcher start = SECTION.matcher(lines.get(at));
            if (!start.matches() || sectionName(lines.get(at)).isEmpty()) {
                throw error(number, "'" + lines.get(at).strip() + "' is no section; known are " + list(SECTIONS));
            }
            String rest = start.group(3) == null ? "" : start.group(3);
            List<String> words = rest.isEmpty() || rest.startsWith("#") ? List.of() : List.of(rest.split("\\s+", -1));
            int end = at + 1;
            while (end < lines.size() && !isStart(lines.get(end), firstLine + end)) {
                end++;
            }
            Section section =
                    new Section(start.group(2).toLowerCase(Locale.ROOT), words, lines.subList(at + 1, end), number);
            checkWords(section);
            sections.add(section);
            at = end;
        }
        return sections;
    }

    private boolean isStart(String line, int number) throws DefinitionException {
        Matcher matcher = SECTION.matcher(line);
        if (!matcher.matches()) {
            return false;
        } else if (sectionName(line).isPresent()) {
            return true;
        } else if (matcher.group(1).isEmpty()) {
            throw error(
                    number,
                    "unknown section %" + matcher.group(2) + "; known are " + list(SECTIONS)
                            + "; a line of a script that looks so may begin with a blank");
        }
        return false;
    }

    private void checkWords(Section section) throws DefinitionException {
        String name = section.name();
        if (name.startsWith("app")) {
            if (section.words().size() != 1
                    || !APP.matcher(section.words().get(0)).matches()) {
                throw error(section.line(), "%" + name + " wants the name of one app");
            }
        } else if (name.equals("files")) {
            if (!section.words().isEmpty() && section.fromStage().isEmpty()) {
                throw error(section.line(), "%files can be followed by 'from STAGE' alone");
            }
        } else if (SCRIPTS.contains(name) && !section.words().isEmpty()) {
            boolean isShell =
                    section.words().size() > 1 && section.words().get(0).equals("-c");
            if (!isShell) {
                throw error(section.line(), "%" + name + " can be followed by '-c SHELL' alone");
            }
        }
    }

    private void checkStages(List<Stage> stages) throws DefinitionException {
        Set<String> names = new TreeSet<>();
        for (Stage stage : stages) {
            for (Section files : stage.all("files")) {
                Optional<String> from = files.fromStage();
                if (from.isPresent() && !names.contains(from.get())) {
                    throw error(
                            files.line(),
                            "%files from " + from.get() + ": no stage of that name before; "
                                    + (names.isEmpty() ? "there is none" : "known are " + list(names)));
                }
            }
            if (stage.name().isPresent() && !names.add(stage.name().get())) {
                throw error(
                        stage.line(),
                        "a second stage has the name " + stage.name().get());
            }
        }
    }

    private static String list(Iterable<String> words) {
        Set<String> sorted = new TreeSet<>();
        words.forEach(sorted::add);
        return String.join(", ", sorted);
    }

    private DefinitionException error(int line, String message) {
        return new DefinitionException(file, line, message);
    }
}
