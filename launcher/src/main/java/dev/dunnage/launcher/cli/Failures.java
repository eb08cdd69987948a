package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.agent.AgentException;
import dev.dunnage.launcher.build.ToolException;
import dev.dunnage.launcher.definition.DefinitionException;
import dev.dunnage.launcher.keys.KeyFileException;
import dev.dunnage.launcher.keyserver.KeyServerException;
import dev.dunnage.launcher.oci.OciException;
import dev.dunnage.launcher.plan.RefusedException;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.sign.SignException;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every error becomes one line on standard error and an exit status of {@code native/WIRE.md} "Codes". */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final boolean traces;

    /**
     * Makes the handler.
     *
     * @param traces whether stack traces are shown too
     */
    Failures(boolean traces) {
        this.traces = traces;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        report(command, failure, text(failure));
        return exitStatus(failure);
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        report(command, failure, parseText(failure, command) + "; see " + name + " --help");
        return Code.REQUEST.exitStatus();
    }

    private static String parseText(ParameterException failure, CommandLine command) {
        if (failure instanceof UnmatchedArgumentException unmatched
                && !command.getSubcommands().isEmpty()
                && !unmatched.isUnknownOption()) {
            String meant = unmatched.getSuggestions().stream()
                    .map(one -> "'" + one + "'")
                    .limit(2)
                    .collect(Collectors.joining(" or "));
            return "'" + unmatched.getUnmatched().get(0) + "' is no command of "
                    + command.getCommandSpec().qualifiedName()
                    + (meant.isEmpty() ? "" : ", did you mean " + meant + "?");
        }
        return String.valueOf(failure.getMessage());
    }

    private void report(CommandLine command, Exception failure, String text) {
        command.getErr().println("dunnage: " + Refusal.line(Code.INTERNAL, text).message());
        if (traces) {
            failure.printStackTrace(command.getErr());
        }
    }

    private static String text(Exception failure) {
        if (failure instanceof NoSuchFileException absent) {
            return absent.getFile() + " does not exist; check the path";
        } else if (failure instanceof AccessDeniedException denied) {
            return denied.getFile() + " may not be accessed by this account; check its owner and mode";
        } else if (failure instanceof FileSystemException file) {
            return file.getFile() + ": " + file.getReason() + "; check the path";
        } else if (failure instanceof RuntimeException) {
            return "a fault of Dunnage (" + failure + "); report it with the output of DUNNAGE_DEBUG=1";
        }
        return String.valueOf(failure.getMessage());
    }

    private static int exitStatus(Exception failure) {
        if (failure instanceof CommandFailure own) {
            return own.exitStatus();
        } else if (failure instanceof RefusedException refused) {
            return refused.code().exitStatus();
        }
        return code(failure).exitStatus();
    }

    private static Code code(Exception failure) {
        if (failure instanceof SifFormatException || failure instanceof OciException) {
            return Code.IMAGE_BAD;
        } else if (failure instanceof SiteFileException || failure instanceof KeyRingException) {
            return Code.CONFIG;
        } else if (failure instanceof SecretKeyException
                || failure instanceof KeyFileException
                || failure instanceof SignException
                || failure instanceof DefinitionException
                || failure instanceof SifWriteException) {
            return Code.REQUEST;
        } else if (failure instanceof NoSuchFileException || failure instanceof AccessDeniedException) {
            return Code.IMAGE_ABSENT;
        } else if (failure instanceof IOException
                || failure instanceof ToolException
                || failure instanceof KeyServerException
                || failure instanceof StoreException
                || failure instanceof AgentException) {
            return Code.SETUP;
        }
        return Code.INTERNAL;
    }
}
