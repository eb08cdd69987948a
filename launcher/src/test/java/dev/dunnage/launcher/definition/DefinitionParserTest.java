package dev.dunnage.launcher.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionParserTest {
    private static final String WHOLE = """
            # made by hand
            BootStrap: docker   # the usual
            From: {{ BASE }}:24.04
            Registry: registry.example.org:5000
            Stage: build

            %arguments
                BASE = "ubuntu"
                # a comment
                UNUSED=1

            %post -c /bin/bash -u
                echo "100 %"
                %indented is no section
                cat > /x <<END
            # kept
            END

            bootstrap: scratch
            Include: a, b \\
              c
            %files from build
                /x   /y
            %Labels
                Author  Some One
            %runscript

                #!/usr/bin/python3
                print("x")
            %environment
                export A=1
            %environment
                export B=2
            %appinstall plot
                true
            """;

    private static Definition parse(String text, Map<String, String> given) throws DefinitionException {
        return DefinitionParser.parse("a.def", text, given);
    }

    @Test
    void stagesHeadersAndSections() throws DefinitionException {
        Definition definition = parse(WHOLE, Map.of());
        assertThat(definition.stages()).hasSize(2);
        Stage first = definition.stages().get(0);
        assertThat(first.bootstrap()).isEqualTo(Bootstrap.DOCKER);
        assertThat(first.value("from")).contains("ubuntu:24.04");
        assertThat(first.value("registry")).contains("registry.example.org:5000");
        assertThat(first.name()).contains("build");
        assertThat(first.line()).isEqualTo(2);
        Section post = first.all("post").get(0);
        assertThat(post.shell()).containsExactly("/bin/bash", "-u");
        assertThat(post.line()).isEqualTo(12);
        assertThat(post.body()).contains("    %indented is no section", "# kept");
        assertThat(post.numberedText().split("\n", -1)[12]).isEqualTo("    echo \"100 %\"");
        Stage last = definition.last();
        assertThat(last.bootstrap()).isEqualTo(Bootstrap.SCRATCH);
        assertThat(last.value("include")).contains("a, b  c");
        assertThat(last.all("files").get(0).fromStage()).contains("build");
        assertThat(last.all("files").get(0).entries()).containsExactly(new Section.Line(23, "/x   /y"));
        assertThat(last.joined("labels").orElseThrow().entries())
                .extracting(Section.Line::text)
                .containsExactly("Author  Some One");
        assertThat(last.joined("environment").orElseThrow().text()).isEqualTo("    export A=1\n    export B=2\n");
        assertThat(last.all("appinstall").get(0).app()).contains("plot");
    }

    @Test
    void scriptsBeginWithTheirInterpreter() throws DefinitionException {
        Definition definition = parse(WHOLE, Map.of());
        assertThat(definition.last().joined("runscript").orElseThrow().script())
                .isEqualTo("#!/usr/bin/python3\n    print(\"x\")\n");
        assertThat(definition.stages().get(0).all("post").get(0).script()).startsWith("#!/bin/bash -u\n\n");
        Section plain = parse("Bootstrap: scratch\n%test\n true\n", Map.of())
                .last()
                .all("test")
                .get(0);
        assertThat(plain.script()).isEqualTo("#!/bin/sh\n\n true\n");
    }

    @Test
    void givenValuesAreStrongerThanDefaultsAndPartOfTheText() throws DefinitionException {
        Definition definition = parse(WHOLE, Map.of("BASE", "debian$1"));
        assertThat(definition.stages().get(0).value("from")).contains("debian$1:24.04");
        assertThat(definition.text()).contains("From: debian$1:24.04").doesNotContain("{{");
    }

    @Test
    void linesOfOtherSystems() throws DefinitionException {
        Definition definition = parse("Bootstrap: scratch\r\n%post\r\n  true\r\n", Map.of());
        assertThat(definition.last().all("post").get(0).text()).isEqualTo("  true\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|1|no line 'Bootstrap: KIND'",
                "From: x|1|no line 'Bootstrap: KIND'",
                "Bootstrap: yum\\nFrom: x|1|yum is not offered; known are debootstrap, docker",
                "Bootstrap: docker|1|wants a line From: IMAGE",
                "Bootstrap: debootstrap|1|wants a line OSVersion: SUITE",
                "# x\\nBootstrap: docker|2|wants a line From: IMAGE",
                "Bootstrap: scratch\\nColour: red|2|unknown key 'Colour'",
                "Bootstrap: scratch\\nFrom:|2|has no value",
                "Bootstrap: docker\\nFrom: a\\nfrom: b|3|stands here twice",
                "Bootstrap: scratch\\nsome words|2|is not KEY: VALUE",
                "Bootstrap: scratch\\n%pots|2|is no section",
                "Bootstrap: scratch\\n%post\\ntrue\\n%pots|4|unknown section %pots",
                "Bootstrap: scratch\\n%post now|2|'-c SHELL'",
                "Bootstrap: scratch\\n%post -c|2|'-c SHELL'",
                "Bootstrap: scratch\\n%files to x|2|'from STAGE'",
                "Bootstrap: scratch\\n%files from x|2|no stage of that name before; there is none",
                "Bootstrap: scratch\\n%appinstall|2|wants the name of one app",
                "Bootstrap: scratch\\n%apprun ../x|2|wants the name of one app",
                "Bootstrap: scratch\\nStage: a b|1|is no name",
                "Bootstrap: scratch\\nStage: a\\nBootstrap: scratch\\nStage: a|3|a second stage",
                "Bootstrap: scratch\\n%post\\necho {{ X }}|3|the variable X has no value; give --build-arg X=VALUE",
                "Bootstrap: scratch\\n%arguments\\nX|3|is not NAME=VALUE"
            })
    void whatIsWrongIsToldWithItsLine(String text, int line, String message) {
        assertThatThrownBy(() -> parse(text.replace("\\n", "\n"), Map.of()))
                .isInstanceOf(DefinitionException.class)
                .hasMessageStartingWith("a.def:" + line + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void valuesForNothingAndBinariesAreRefused() {
        assertThatThrownBy(() -> parse("Bootstrap: scratch\n", Map.of("X", "1")))
                .hasMessageContaining("take --build-arg X away");
        assertThatThrownBy(() -> parse("a\0b", Map.of())).hasMessageContaining("no text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a \"b", "'"})
    void openQuotesAreRefused(String line) {
        assertThatThrownBy(() -> Words.of(line)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wordsAreThoseOfAShell() {
        assertThat(Words.of("  a\\ b 'c \"d' \"e f\"g  '' ")).isEqualTo(List.of("a b", "c \"d", "e fg", ""));
    }
}
