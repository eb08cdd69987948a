package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.KeyRings;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.key.SignerCertificates;
import dev.dunnage.sif.verify.SifVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whom to trust, and when: keys and the time at which they are judged. */
final class TrustOptions {
    @Option(
            names = "--keyring",
            paramLabel = "FILE",
            description = "File or directory of trusted PGP public keys; may be repeated. Replaces the default: the"
                    + " site's keys in /etc/dunnage/keys and those of the user.")
    private List<Path> keyrings = new ArrayList<>();

    @Option(
            names = "--key",
            paramLabel = "PEM",
            description = "File of trusted PEM public keys, for DSSE signatures; may be repeated.")
    private List<Path> keys = new ArrayList<>();

    @Option(
            names = "--certificate",
            paramLabel = "PEM",
            description = "Certificate of a signer, for DSSE signatures; may be repeated. It must be made for code"
                    + " signing, be valid, and lead to one of --roots.")
    private List<Path> certificates = new ArrayList<>();

    @Option(
            names = {"--intermediates", "--certificate-intermediates"},
            paramLabel = "PEM",
            description = "File of certificates between --certificate and --roots; may be repeated.")
    private List<Path> intermediates = new ArrayList<>();

    @Option(
            names = {"--roots", "--certificate-roots"},
            paramLabel = "PEM",
            description = "File of trusted root certificates; may be repeated. Those of the system do not count.")
    private List<Path> roots = new ArrayList<>();

    @Option(
            names = "--time",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description =
                    "Judge keys and signatures at this time, such as 2026-12-01 or 2026-12-01T10:00:00Z, instead of"
                            + " now.")
    private Optional<Instant> time = Optional.empty();

    SifVerifier verifier() throws IOException, KeyRingException, CommandFailure {
        KeyRing ring = KeyRings.read(keyrings.isEmpty() ? defaultKeys() : existing(keyrings));
        PemKeys pem = KeyRings.readPem(existing(keys));
        return new SifVerifier(ring, pem, signers(), time.orElseGet(Instant::now));
    }

    private SignerCertificates signers() throws IOException, KeyRingException, CommandFailure {
        if (certificates.isEmpty() != roots.isEmpty()) {
            throw new CommandFailure(2, "--certificate and --roots need each other; give both or neither");
        }
        SignerCertificates all = SignerCertificates.empty();
        for (Path certificate : existing(certificates)) {
            all = all.and(SignerCertificates.read(certificate, existing(intermediates), existing(roots)));
        }
        return all;
    }

    static List<Path> defaultKeys() {
        List<Path> places = new ArrayList<>();
        for (Path place : List.of(KeyRings.SITE, UserKeys.ofHome().publicKeys())) {
            if (Files.isDirectory(place)) {
                places.add(place);
            }
        }
        return places;
    }

    /** Named here, since a missing file among several is hard to find otherwise. */
    private static List<Path> existing(List<Path> places) throws CommandFailure {
        for (Path place : places) {
            if (!Files.isReadable(place)) {
                throw new CommandFailure(2, "key file " + place + " is not there or not readable; check the path");
            }
        }
        return places;
    }
}
