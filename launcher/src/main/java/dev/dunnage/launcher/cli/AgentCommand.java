package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.Account;
import dev.dunnage.launcher.agent.AgentClient;
import dev.dunnage.launcher.agent.AgentServer;
import dev.dunnage.launcher.plan.SiteFiles;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Pong;
import dev.dunnage.launcher.wire.WireException;
import dev.dunnage.policy.OwnershipRule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dunnage agent}. */
@Command(
        name = "agent",
        description = {
            "Runs the node's agent, which answers the Slurm plugin until it gets SIGTERM.",
            "It wants an account of its own, never root: start it by systemd with User=dunnage. Decisions are logged on"
                    + " standard error, a line each."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class AgentCommand extends BaseCommand {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Unix socket, default ${DEFAULT-VALUE}; a socket from systemd counts more.",
            defaultValue = "/run/dunnage/agent.sock")
    private Path socket;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Policy file, default ${DEFAULT-VALUE}.",
            defaultValue = "/etc/dunnage/policy.yaml")
    private Path policy;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The site's settings, default dunnage.yaml beside the policy.")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--store",
            paramLabel = "DIRECTORY",
            description = "Image store, default ${DEFAULT-VALUE}. A file named limit in it, such as 200G, bounds its"
                    + " size; without one it is 50G.",
            defaultValue = "/var/cache/dunnage/images")
    private Path store;

    @Option(
            names = "--idle-exit",
            paramLabel = "SECONDS",
            description =
                    "Leave when nobody has asked for so long, 1 to 1000000; for a service that its socket unit starts"
                            + " again. Default: stay.")
    private Optional<Integer> idleExit = Optional.empty();

    @Option(names = "--ping", description = "Ask a running agent for its version and the state of its policy.")
    private boolean ping;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        return ping ? ping() : serve();
    }

    private int ping() throws CommandFailure {
        try {
            Pong pong = AgentClient.ping(socket);
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("version", pong.version());
            object.put("policy", pong.policy());
            out().println(json.wanted() ? JsonLine.of(object) : "dunnage " + pong.version() + ", " + pong.policy());
            return 0;
        } catch (IOException | WireException e) {
            throw new CommandFailure(
                    Code.UNAVAILABLE.exitStatus(),
                    "no agent answers at " + socket + " (" + e.getMessage()
                            + "); start it with: systemctl start dunnage-agent");
        }
    }

    private int serve() throws Exception {
        if (idleExit.filter(seconds -> seconds < 1 || seconds > 1_000_000).isPresent()) {
            throw new CommandFailure(
                    Code.REQUEST.exitStatus(), "--idle-exit " + idleExit.get() + ": give seconds from 1 to 1000000");
        }
        if (Account.uid() == 0) {
            throw new CommandFailure(
                    Code.CONFIG.exitStatus(),
                    "the agent must not run as root; start it as the dunnage account, systemd does so with User=dunnage");
        }
        Consumer<String> log = line -> System.err.println("dunnage-agent: " + line);
        Clock clock = Clock.systemUTC();
        SitePaths paths = new SitePaths(policy, config.orElseGet(() -> policy.resolveSibling("dunnage.yaml")));
        SiteFiles site = new SiteFiles(paths, OwnershipRule.rootOnly(), clock, SiteFiles.Life.LONG, log);
        ImageStore images = ImageStore.open(store, StoreLimits.defaults(), clock);
        try (AgentServer server = AgentServer.open(socket, site, images, clock, log)) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            log.accept("listening, " + site.state());
            server.serve(idleExit.map(Duration::ofSeconds));
        }
        return 0;
    }
}
